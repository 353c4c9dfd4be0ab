"""How long what is kept, as the settings say."""

from integration.pruning import Keeping
from service.settings import Settings


def keeping_of(settings: Settings) -> Keeping:
    return Keeping.of_days(
        settings.keep_deliveries_days, settings.keep_raw_days, settings.keep_acts_days, settings.keep_history_days
    )
