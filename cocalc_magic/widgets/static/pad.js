// A secret that the kernel gives to one page: combined by exclusive or with random bytes that this page made.

const BYTES = 512;

export function newPad() {
  return crypto.getRandomValues(new Uint8Array(BYTES));
}

export function uncovered(bytes, pad) {
  return String.fromCharCode(...bytes.map((byte, place) => byte ^ pad[place]));
}
