// Keeps the page fresh: the live view and signals by one stream, the figure once a minute.
"use strict";

// What is said without the server stands on the body, in the page's language.
const words = document.body.dataset;
const part = (id) => document.getElementById(id);
const STALE_MS = 3500;
const FIGURE_MS = 60000;
const NOTICE_MS = 60000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let newest = 0;
let drawn = 0;
let lost = false;

function setText(id, text) {
  const element = part(id);
  if (element && element.textContent !== text) element.textContent = text;
}

// The same turns as the server draws: forward is to the right, as a positive angle is in SVG.
function tilt(view) {
  const now = performance.now();
  if (calm.matches && now - drawn < 1000) return;
  drawn = now;
  part("person")?.setAttribute("transform", view.lies ? "translate(44 40) rotate(-90)" : "");
  part("trunk")?.setAttribute("transform", `rotate(${view.trunk_deg})`);
}

function show(view) {
  newest = performance.now();
  lost = false;
  tilt(view);
  setText("angle", view.angle);
  part("angle")?.classList.toggle("words", view.angle.length > 4);
  setText("posture", view.posture_words);
  setText("watching", view.watching_words);
  part("watching")?.setAttribute("data-on", view.watching);
  setText("link", view.link_words);
  const end = part("end-snooze");
  if (end) end.hidden = !view.snoozed;
  setText("offer-words", view.offer_words ?? "");
  if (part("offer")) part("offer").hidden = !view.offer_words;
  guide(view.guide);
  exercise(view.exercise);
}

let counted = null;

// What the exercise page shows of a set.
function exercise(now) {
  if (!part("set") || !now) return;
  part("set").hidden = false;
  part("set").dataset.step = now.step;
  setText("set-name", now.name);
  setText("set-figures", now.figures);
  setText("set-words", now.words);
  setText("set-details", now.details);
  part("set-start").hidden = now.running;
  part("set-stop").hidden = !now.running;
  part("set-amend").hidden = !now.ended;
  // What is being typed stays.
  if (now.count !== counted) part("set-count").value = now.count ?? "";
  counted = now.count;
}

// What the calibrate page shows; without news it stays as it was loaded.
function guide(now) {
  if (!part("guide") || !now) return;
  part("guide").dataset.step = now.step;
  setText("guide-words", now.words);
  setText("guide-left", now.left);
  setText("guide-quality", now.quality);
  part("guide-share").value = now.share;
  setText("guide-begin", now.begin);
  part("guide-begin").hidden = now.running;
  part("guide-stop").hidden = !now.running;
}

// A service that does not answer must never look like a back at rest.
function showLost() {
  if (lost) return;
  lost = true;
  setText("angle", "–");
  setText("posture", words.lostPosture);
  setText("watching", words.lost);
  part("watching")?.setAttribute("data-on", "false");
  setText("link", words.lostLink);
}

let sound = null;

// A movement is one short clear tone; a posture a lower, longer and much softer one, which comes again by itself.
const TONES = {
  strong: { hz: 660, gain: 0.2, seconds: 0.25 },
  soft: { hz: 330, gain: 0.08, seconds: 0.5 },
};

function beep({ hz, gain, seconds }) {
  if (!sound || !part("sound")?.checked) return;
  const tone = sound.createOscillator();
  const loudness = sound.createGain();
  const now = sound.currentTime;
  tone.frequency.value = hz;
  loudness.gain.setValueAtTime(0.0001, now);
  loudness.gain.exponentialRampToValueAtTime(gain, now + 0.03);
  loudness.gain.exponentialRampToValueAtTime(0.0001, now + seconds);
  tone.connect(loudness).connect(sound.destination);
  tone.start(now);
  tone.stop(now + seconds + 0.05);
}

let hideNotice = 0;

function tell(notice) {
  const banner = part("notice");
  if (!banner) return;
  banner.textContent = `${notice.clock}  ${notice.text}`.trim();
  banner.hidden = false;
  clearTimeout(hideNotice);
  hideNotice = setTimeout(() => { banner.hidden = true; }, NOTICE_MS);
  if (TONES[notice.loudness]) beep(TONES[notice.loudness]);
}

// Sends a form without leaving the page.
function sends(id, sorry) {
  part(id)?.addEventListener("submit", async (event) => {
    event.preventDefault();
    // All fields of the form, and the button that was pressed.
    const body = new URLSearchParams(new FormData(part(id), event.submitter));
    const answer = await fetch(part(id).getAttribute("action"), { method: "POST", body }).catch(() => null);
    if (!answer?.ok) tell({ clock: "", loudness: "quiet", text: sorry });
  });
}

async function refresh() {
  if (document.hidden || !part("figure")) return;
  try {
    const answer = await fetch("/figure/day");
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const open = part("figure").querySelector("details")?.open;
    part("figure").replaceChildren(...fresh.body.lastElementChild.childNodes);
    const details = part("figure").querySelector("details");
    if (details && open) details.open = true;
    setText("sentence", fresh.querySelector("h1").textContent);
  } catch {
    // The live view already says when lumbard does not answer.
  }
}

if (part("now") || part("guide") || part("set")) {
  const stream = new EventSource("/live");
  stream.addEventListener("view", (message) => show(JSON.parse(message.data)));
  stream.addEventListener("notice", (message) => tell(JSON.parse(message.data)));
  newest = performance.now();
  setInterval(() => { if (performance.now() - newest > STALE_MS) showLost(); }, 500);
  setInterval(refresh, FIGURE_MS);
  document.addEventListener("visibilitychange", refresh);

  part("sound")?.addEventListener("change", (event) => {
    if (event.target.checked) {
      sound ??= new AudioContext();
      sound.resume();
      beep(TONES.soft);
    }
  });
  sends("snooze", words.snoozeNotTaken);
  for (const id of ["calibrate", "offer", "set-start", "set-stop", "set-amend"]) sends(id, words.notTaken);
}
