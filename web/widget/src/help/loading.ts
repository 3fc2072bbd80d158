// Gets the pictures when somebody needs them. Without them the words stand alone.

type Help = typeof import('./index.ts')

let help: Help | null = null
let isAsked = false

/** The pictures as soon as they are there; `arrived` is called then. */
export function pictures(arrived: () => void): Help | null {
  if (!isAsked) {
    isAsked = true
    import('./index.ts').then(
      (loaded) => {
        help = loaded
        arrived()
      },
      () => {
        isAsked = false // the next look asks again
      },
    )
  }
  return help
}
