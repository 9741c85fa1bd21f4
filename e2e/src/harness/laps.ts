/** Tells how long each part took. */
export function laps(say: (text: string) => void): (what: string) => void {
  let at = performance.now();
  return (what) => {
    const now = performance.now();
    say(`${what}: ${((now - at) / 1000).toFixed(1)} s`);
    at = now;
  };
}
