"""Which cashier there is, read once from the environment: Stripe where its key is set, our own form, or none."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import httpx

from services.billing.cashiers.local import LocalCashier
from services.billing.cashiers.port import Cashier
from services.billing.cashiers.stripe import URL, Stripe
from storage.errors import SettingMissing

KEY = "STORYFORGE_STRIPE_KEY"
SECRET = "STORYFORGE_STRIPE_WEBHOOK_SECRET"
LOCAL = "STORYFORGE_LOCAL_CASHIER"


@dataclass(frozen=True, slots=True)
class CashierSettings:
    """`url`: where Stripe is."""

    kind: Literal["stripe", "local", "none"] = "none"
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    url: str = URL


NO_CASHIER = CashierSettings()


def cashier_settings(environ: Mapping[str, str]) -> CashierSettings:
    """Raises `SettingMissing` for a half of Stripe."""
    key, secret = environ.get(KEY, ""), environ.get(SECRET, "")
    if bool(key) != bool(secret):
        raise SettingMissing(f"{KEY} and {SECRET} are set together, or neither")
    if key:
        return CashierSettings("stripe", key, secret, environ.get("STORYFORGE_STRIPE_URL") or URL)
    return CashierSettings("local") if environ.get(LOCAL) == "1" else NO_CASHIER


@asynccontextmanager
async def open_cashier(settings: CashierSettings) -> AsyncIterator[Cashier | None]:
    """None: nobody sells credits here."""
    match settings.kind:
        case "stripe":
            async with httpx.AsyncClient(follow_redirects=False) as http:
                yield Stripe(http, settings.key, settings.secret, settings.url)
        case "local":
            yield LocalCashier()
        case "none":
            yield None
