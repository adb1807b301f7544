"""Which campaigns are there? By name; a new one is a file `campaign_NAME.py` and a line here."""

from collections.abc import Callable

from tests.faults import campaign_drop, campaign_forecast, campaign_fortnight, campaign_kill, campaign_pause
from tests.faults.report import Order, Outcome

CAMPAIGNS: dict[str, Callable[[Order], Outcome]] = {
    "kill": campaign_kill.run,
    "kill-unheard": campaign_kill.run_unheard,
    "drop": campaign_drop.run,
    "pause": campaign_pause.run,
    "fortnight": campaign_fortnight.run,
    "forecast": campaign_forecast.run,
}
