(() => {
  'use strict';
  const root = document.documentElement;
  const theme = document.getElementById('theme');
  const dark = () => (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
  const name = () => { theme.textContent = dark() ? 'Light' : 'Dark'; theme.setAttribute('aria-label', `Use the ${dark() ? 'light' : 'dark'} theme`); };
  theme.hidden = false;
  theme.addEventListener('click', () => { root.dataset.theme = dark() ? 'light' : 'dark'; name(); });
  name();

  const audio = document.getElementById('audio');
  if (!audio) return;
  const playing = document.getElementById('playing');
  const wave = document.getElementById('wave');
  const head = document.getElementById('head');
  const lines = [...document.querySelectorAll('.lines li[data-start]')];
  const duration = Number(wave.dataset.duration);
  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
  let stopAt = null;   // seconds; null plays on
  let button = null;
  let now = null;

  const release = () => { button?.classList.remove('on'); button = null; stopAt = null; };
  const goTo = (ms) => {
    const at = ms / 1000;
    if (audio.readyState > 0) audio.currentTime = at;
    else { audio.addEventListener('loadedmetadata', () => { audio.currentTime = at; }, {once: true}); audio.load(); }
  };
  const say = (text) => { playing.textContent = text; };

  document.addEventListener('click', (event) => {
    const target = event.target.closest('button[data-start]');
    if (!target) return;
    const again = target === button && !audio.paused;
    audio.pause();
    release();
    if (again) return;
    const start = Number(target.dataset.start);
    goTo(start);
    if (target.dataset.end !== undefined) {
      button = target;
      stopAt = Number(target.dataset.end) / 1000;
      target.classList.add('on');
      say(target.dataset.says ? `${clock(start)}  “${target.dataset.says}”` : `From ${clock(start)}`);
    } else say(`From ${clock(start)}`);
    audio.play().catch(() => {});   // refused or missing: the error event below says so
  });

  const show = () => {
    const ms = audio.currentTime * 1000;
    if (stopAt !== null && audio.currentTime >= stopAt && !audio.seeking) { audio.pause(); release(); }
    wave.classList.add('live');
    head.setAttribute('d', `M${duration ? Math.min(1000, ms / duration * 1000) : 0} 0v100`);
    wave.setAttribute('aria-valuenow', String(Math.floor(ms / 1000)));
    wave.setAttribute('aria-valuetext', clock(ms));
    const line = lines.findLast((one) => Number(one.dataset.start) <= ms && ms < Number(one.dataset.end)) ?? null;
    if (line !== now) { now?.classList.remove('now'); line?.classList.add('now'); now = line; }
  };
  const tick = () => { show(); if (!audio.paused) requestAnimationFrame(tick); };
  audio.addEventListener('play', () => requestAnimationFrame(tick));
  audio.addEventListener('timeupdate', show);   // frames stop in a hidden tab, this does not
  audio.addEventListener('ended', release);
  audio.addEventListener('error', () => {
    say('The recording could not be loaded; it should lie beside this page.');
    for (const one of document.querySelectorAll('.play')) { one.disabled = true; one.title = 'The recording could not be loaded'; }
  });

  wave.addEventListener('click', (event) => {
    const box = wave.getBoundingClientRect();
    release();
    goTo((event.clientX - box.left) / box.width * duration);
    audio.play().catch(() => {});
  });
  wave.addEventListener('keydown', (event) => {
    const ms = audio.currentTime * 1000;
    const to = {ArrowRight: ms + 5000, ArrowUp: ms + 5000, ArrowLeft: ms - 5000, ArrowDown: ms - 5000, Home: 0, End: duration}[event.key];
    if (to !== undefined) { release(); goTo(Math.max(0, Math.min(duration, to))); event.preventDefault(); }
    if (event.key === ' ' || event.key === 'Enter') { release(); if (audio.paused) audio.play().catch(() => {}); else audio.pause(); event.preventDefault(); }
  });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') { audio.pause(); release(); } });
})();
