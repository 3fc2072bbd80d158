// Numbers in figures as people write them: any script's digits, "1,200.5" beside "1.200,5" and "1 200".

/** What the server can count with stays below this. */
const MOST = 1e15

/** The text with digits of any script as 0 to 9; the tens of a script stand in a row. */
export function plainDigits(text: string): string {
  return text.normalize('NFKC').replace(/\p{Nd}/gu, (sign) => {
    const at = sign.codePointAt(0) ?? 0
    let before = 0
    while (/\p{Nd}/u.test(String.fromCodePoint(at - before - 1))) before++
    return String(before % 10)
  })
}

/** The number a text is, or null. A lone point or comma is read as the language uses it, unless it cannot be that. */
export function figure(text: string, lang: string): number | null {
  const decimal = new Intl.NumberFormat(lang).format(0.5).includes(',') ? ',' : '.'
  const flat = plainDigits(text)
    .replace(/[\s\p{Cf}'’٬]/gu, '')
    .replace('٫', decimal)
    .replace('−', '-')
  // 1,200,000 and 12,34,567; and 1.200 where the point is not for decimals
  const isWhole =
    /^[-+]?[1-9]\d{0,2}([.,])(\d{2,3}\1)*\d{3}$/.test(flat) && !new RegExp(`^\\D?\\d+[${decimal}]\\d+$`).test(flat)
  const parts = flat.split(/[.,]/)
  const fraction = parts.length > 1 && !isWhole ? parts.pop() : '0'
  // groups before the decimal sign; 1.2.5 is a date or a version
  const isNumber = /^[-+]?\d*$/.test(parts[0] ?? '') && parts.slice(1).every((part) => /^\d{2,3}$/.test(part))
  const number =
    isNumber && /^\d+$/.test(fraction ?? '') && /\d$/.test(flat) ? Number(`${parts.join('')}.${fraction}`) : Number.NaN
  // six places are what the server keeps of any figure
  return Math.abs(number) < MOST ? Number(number.toFixed(6)) : null
}
