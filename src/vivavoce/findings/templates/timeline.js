(() => {
  'use strict';
  const seconds = Number(document.body.dataset.seconds);
  const offset = Number(document.body.dataset.offset);
  const chart = document.getElementById('chart');
  const lanes = document.getElementById('lanes');
  const axis = document.getElementById('axis');
  const readout = document.getElementById('readout');
  const cursor = document.getElementById('cursor');
  const head = document.getElementById('head');
  const audio = document.getElementById('audio');
  const lines = [...document.querySelectorAll('#lines li')];
  const MOST = Math.max(1, Math.min(120, seconds / 4));   // four seconds fill the screen
  let zoom = 1;

  const clock = (s) => { const t = Math.round(Math.max(0, s) * 10); return `${Math.floor(t / 600)}:${String(Math.floor(t / 10) % 60).padStart(2, '0')}.${t % 10}`; };
  const names = () => lanes.querySelector('.name').offsetWidth;
  const width = () => lanes.clientWidth - names();
  const x = (s) => names() + s / seconds * width();
  const timeAt = (clientX) => Math.max(0, Math.min(seconds, (clientX - lanes.getBoundingClientRect().left - names()) / width() * seconds));

  const drawAxis = () => {
    const step = [.1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600].find((one) => width() / (seconds / one) >= 64) ?? 1800;
    const from = timeAt(chart.getBoundingClientRect().left), to = timeAt(chart.getBoundingClientRect().right);
    axis.replaceChildren();
    for (let n = Math.floor(from / step); n * step <= to; n += 1) {
      const at = `${n * step / seconds * 100}%`;
      const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
      for (const [key, value] of [['x1', at], ['x2', at], ['y1', 15], ['y2', 22]]) line.setAttribute(key, value);
      const text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
      text.setAttribute('x', at); text.setAttribute('y', 12);
      if (n * step / seconds > 1 - 50 / width()) text.setAttribute('class', 'end');
      text.textContent = step < 1 ? clock(n * step) : clock(n * step).slice(0, -2);
      axis.append(line, text);
    }
  };
  const zoomTo = (value, at = timeAt(chart.getBoundingClientRect().left + (names() + chart.clientWidth) / 2)) => {
    const left = x(at) - chart.scrollLeft;
    zoom = Math.max(1, Math.min(MOST, value));
    lanes.style.width = `calc(var(--names) + ${zoom} * (100% - var(--names)))`;
    chart.scrollLeft = x(at) - left;
    drawAxis(); place();
  };
  const reveal = (s) => {
    const left = x(s) - chart.scrollLeft;
    if (left < names() || left > chart.clientWidth - 40) chart.scrollLeft = x(s) - names() - (chart.clientWidth - names()) / 3;
  };
  const place = () => { if (head && !head.hidden) head.style.left = `${x(audio.currentTime + offset)}px`; };

  const goTo = (s, play) => {
    reveal(s);
    cursor.hidden = false; cursor.style.left = `${x(s)}px`;
    readout.replaceChildren(Object.assign(document.createElement('b'), {textContent: clock(s)}));
    if (!audio) return;
    const at = Math.max(0, s - offset);
    if (audio.readyState > 0) audio.currentTime = at;
    else { audio.addEventListener('loadedmetadata', () => { audio.currentTime = at; }, {once: true}); audio.load(); }
    if (play) audio.play().catch(() => {});
  };

  document.getElementById('zoom').hidden = false;
  document.getElementById('zoom').addEventListener('click', (event) => {
    const kind = event.target.dataset.zoom;
    if (kind) zoomTo(kind === 'fit' ? 1 : zoom * (kind === 'in' ? 2 : .5));
  });
  chart.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoomTo(zoom * Math.exp(-event.deltaY / 300), timeAt(event.clientX));
  }, {passive: false});
  chart.addEventListener('keydown', (event) => {
    const step = chart.clientWidth / 4;
    const act = {'+': () => zoomTo(zoom * 2), '=': () => zoomTo(zoom * 2), '-': () => zoomTo(zoom / 2), '0': () => zoomTo(1),
      ArrowRight: () => { chart.scrollLeft += step; }, ArrowLeft: () => { chart.scrollLeft -= step; },
      ' ': () => { if (audio) { if (audio.paused) audio.play().catch(() => {}); else audio.pause(); } }}[event.key];
    if (act && !event.ctrlKey && !event.metaKey) { act(); event.preventDefault(); }
  });
  let drag = null;
  chart.addEventListener('pointerdown', (event) => { if (event.pointerType === 'mouse' && event.button === 0) drag = {x: event.clientX, left: chart.scrollLeft, moved: false}; });
  addEventListener('pointerup', () => { setTimeout(() => { drag = null; }); });
  chart.addEventListener('pointermove', (event) => {
    if (drag && (drag.moved ||= Math.abs(event.clientX - drag.x) > 4)) chart.scrollLeft = drag.left + drag.x - event.clientX;
    const s = timeAt(event.clientX);
    cursor.hidden = false; cursor.style.left = `${x(s)}px`;
    const found = event.target.closest?.('g, rect, circle')?.querySelector('title')?.textContent ?? event.target.closest?.('.lane')?.dataset.lane ?? '';
    readout.replaceChildren(Object.assign(document.createElement('b'), {textContent: clock(s)}), `  ${found}`);
  });
  chart.addEventListener('pointerleave', () => { cursor.hidden = true; readout.replaceChildren(); });
  chart.addEventListener('scroll', drawAxis, {passive: true});
  chart.addEventListener('click', (event) => {
    if (drag?.moved || event.target.closest('.name')) return;
    goTo(timeAt(event.clientX), false);
  });
  addEventListener('resize', () => { drawAxis(); place(); });
  document.addEventListener('click', (event) => {
    const button = event.target.closest('button.at');
    if (!button) return;
    if (zoom < 4 && seconds > 60) zoomTo(Math.min(MOST, seconds / 20), Number(button.dataset.at));
    goTo(Number(button.dataset.at), true);
  });

  if (audio) {
    let now = null;
    const show = () => {
      head.hidden = false; place();
      const s = audio.currentTime + offset;
      if (!audio.paused) reveal(s);
      const line = lines.findLast((one) => Number(one.dataset.start) <= s && s < Number(one.dataset.end)) ?? null;
      if (line !== now) { now?.classList.remove('now'); line?.classList.add('now'); now = line; }
    };
    const tick = () => { show(); if (!audio.paused) requestAnimationFrame(tick); };
    audio.addEventListener('play', () => requestAnimationFrame(tick));
    audio.addEventListener('timeupdate', show);   // frames stop in a hidden tab, this does not
  }
  drawAxis();
})();
