// Keeps the dashboard up to date, filters its requests, and makes it large. Without this script it reloads.

const INTERVAL = 2000; // ms

const main = document.querySelector("main");
const words = document.querySelector("#words");
const status = document.querySelector("#status");
const pause = document.querySelector("#pause");
const large = document.querySelector("#large");

function filter() {
  const wanted = words.value.toLowerCase().split(/\s+/);
  for (const row of main.querySelectorAll("#requests tbody tr")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !wanted.every((word) => text.includes(word));
  }
}

function say(text) {
  if (status.textContent !== text) status.textContent = text;
}

async function fetched() {
  const response = await fetch(location.href, { cache: "no-store" });
  if (!response.ok) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html").querySelector("main");
}

async function renew() {
  if (!pressed(pause)) {
    try {
      const fresh = await fetched();
      if (!pressed(pause) && fresh.innerHTML !== shown) show(fresh);
      if (!pressed(pause)) say("live");
    } catch {
      say("The sandbox does not answer.");
    }
  }
  setTimeout(renew, INTERVAL);
}

let shown = main.innerHTML;

function show(fresh) {
  shown = fresh.innerHTML;
  main.replaceChildren(...fresh.children);
  filter();
}

function pressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}

function toggle(button) {
  button.setAttribute("aria-pressed", String(!pressed(button)));
}

function enlarge(on) {
  document.documentElement.classList.toggle("large", on);
  large.setAttribute("aria-pressed", String(on));
  history.replaceState(null, "", on ? "#large" : location.pathname);
}

words.addEventListener("input", filter);
pause.addEventListener("click", () => {
  toggle(pause);
  say(pressed(pause) ? "paused" : "live");
});
large.addEventListener("click", () => enlarge(!pressed(large)));
document.querySelector(".controls").hidden = false;
enlarge(location.hash === "#large");
setTimeout(renew, INTERVAL);
