// Locations in forms: a button asks the browser where it is; what it measures goes into a hidden control.
export function wireLocations() {
  prepare();
  document.addEventListener('htmx:after:swap', prepare);
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-locate]');
    if (button) measure(button.closest('[data-location]'), button);
  });
}

function prepare() {
  if (!('geolocation' in navigator)) return;
  for (const button of document.querySelectorAll('[data-locate]')) button.hidden = false;
}

function measure(place, button) {
  const says = place.querySelector('[data-place-says]');
  says.textContent = place.dataset.wait;
  button.setAttribute('aria-disabled', 'true');
  const done = () => button.removeAttribute('aria-disabled');
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => {
      const at = new Date(Math.min(timestamp, Date.now())).toISOString();
      const { latitude, longitude, accuracy } = coords;
      place.querySelector('[data-measured]').value = [latitude, longitude, accuracy, at].join(';');
      says.textContent = `${latitude.toFixed(5)}, ${longitude.toFixed(5)} (± ${Math.round(accuracy)} m)`;
      done();
      place.dispatchEvent(new Event('input', { bubbles: true }));
    },
    (error) => {
      says.textContent = error.code === error.PERMISSION_DENIED ? place.dataset.denied : place.dataset.failed;
      done();
    },
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 },
  );
}
