"""Owns locations: where somebody says they are, measured by their device or in words, as sent and as kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from engine.expressions import N_, Message
from forms.plain import is_storable
from forms.texts import cleaned

AT: Final = ":at"
WHY: Final = ":why"
"""After a location's control name: what the device measured, and why it could not."""
LONGEST: Final = 500
FARTHEST: Final = 100_000.0
"""Metres of accuracy beyond which a measurement says nothing."""
SLACK: Final = timedelta(minutes=5)
"""So far a device's clock may be ahead of ours."""

NOT_A_LOCATION: Final = Message(
    N_("This is not a location. Give lat, lon, accuracy and at (a time with its zone), or address and why")
)
NO_REASON: Final = Message(N_("Say why the location can't be taken"))
NO_ADDRESS: Final = Message(N_("Take the location, or write where you are"))
TOO_LONG: Final = Message(N_("Shorten this to %(limit)d characters"), {"limit": LONGEST})

Location = dict[str, Any]


def from_controls(texts: Sequence[str], now: datetime) -> tuple[Location | None, Message | None, Location | None]:
    """What the page's controls sent (address, measurement, why): the value, what is wrong, what to show again."""
    address, measured, why = (cleaned(text, lines=False).strip() for text in [*texts, "", "", ""][:3])
    if max(len(address), len(why)) > LONGEST:
        return None, TOO_LONG, {"address": address[:LONGEST], "why": why[:LONGEST]}
    if measured:
        value, error = from_value(_not_ahead(_measured(measured), now), now)
        return (value, error, value) if error is None else (None, error, {"address": address, "why": why})
    if not address and not why:
        return None, None, None
    typed = {"address": address, "why": why}
    return (None, error, typed) if (error := _incomplete(address, why)) is not None else (typed, None, typed)


def from_value(value: object, now: datetime) -> tuple[Location | None, Message | None]:
    """What an API or a measurement gives: the value as it is kept, or what is wrong with it."""
    if not isinstance(value, Mapping):
        return None, NOT_A_LOCATION
    if "lat" in value or "lon" in value:
        found = _position(value, now)
        return (found, None) if found is not None else (None, NOT_A_LOCATION)
    address, why = value.get("address"), value.get("why", "")
    if not (isinstance(address, str) and isinstance(why, str) and is_storable(address) and is_storable(why)):
        return None, NOT_A_LOCATION
    if set(value) - {"address", "why"}:
        return None, NOT_A_LOCATION
    address, why = cleaned(address[:5000], lines=False).strip(), cleaned(why[:5000], lines=False).strip()
    if max(len(address), len(why)) > LONGEST:
        return None, TOO_LONG
    return ({"address": address, "why": why}, None) if (error := _incomplete(address, why)) is None else (None, error)


def control_text(value: object) -> str:
    """A measured location as the page's hidden control holds it: "lat;lon;accuracy;at"; "" for any other."""
    if not isinstance(value, Mapping) or "lat" not in value:
        return ""
    return f"{value['lat']};{value['lon']};{value['accuracy']};{value['at']}"


def shown(value: object) -> str:
    """A location in one line for people: coordinates with their accuracy, or the address and why it was typed."""
    if not isinstance(value, Mapping):
        return ""
    if "lat" in value:
        return f"{value['lat']:.5f}, {value['lon']:.5f} (± {round(value['accuracy'])} m)"
    return " · ".join(str(value[name]) for name in ("address", "why") if value.get(name))


def map_link(value: object) -> str:
    """Where to see a measured location on a map; "" for one in words."""
    if not isinstance(value, Mapping) or "lat" not in value:
        return ""
    return f"https://uri.amap.com/marker?position={value['lon']:.6f},{value['lat']:.6f}&coordinate=wgs84&callnative=0"


def taken_at(value: object) -> datetime | None:
    """When a location was measured; None for one in words."""
    return _moment(value.get("at")) if isinstance(value, Mapping) and "lat" in value else None


def _incomplete(address: str, why: str) -> Message | None:
    if not address:
        return NO_ADDRESS
    return None if why else NO_REASON


def _measured(text: str) -> Mapping[str, object]:
    names, parts = ("lat", "lon", "accuracy", "at"), text[:200].split(";")
    if len(parts) != len(names):
        return {"lat": None}
    found: dict[str, object] = dict(zip(names, parts, strict=True))
    for name in names[:3]:
        try:
            found[name] = float(parts[names.index(name)])
        except ValueError:
            found[name] = None
    return found


def _not_ahead(value: Mapping[str, object], now: datetime) -> Mapping[str, object]:
    """What a browser measured just now, though its device's clock be ahead of ours."""
    at = _moment(value.get("at"))
    return {**value, "at": now.isoformat()} if at is not None and at > now else value


def _position(value: Mapping[str, object], now: datetime) -> Location | None:
    if set(value) - {"lat", "lon", "accuracy", "at"}:
        return None
    lat, lon, accuracy = (_number(value.get(name)) for name in ("lat", "lon", "accuracy"))
    at = _moment(value.get("at"))
    if lat is None or lon is None or accuracy is None or at is None:
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= accuracy <= FARTHEST) or at > now + SLACK:
        return None
    written = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {"lat": round(lat, 6), "lon": round(lon, 6), "accuracy": round(accuracy, 1), "at": written}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _moment(value: object) -> datetime | None:
    """A moment with its zone, of our time."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC) if at.tzinfo is not None and 2000 <= at.year <= 9000 else None
    except (ValueError, OverflowError):
        return None
