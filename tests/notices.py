"""Rules and words that tell patients of bookings, changes and cancellations, for the world's clinic."""

from appointments.models import NoticeAnswer
from clinics.scope import in_clinic
from messaging.channels import Channel
from reminders.kinds import Kind, TimingKind
from reminders.models import Rule, Template, TemplateVersion
from tests.world import NOW, World

NOTICE_KINDS = (Kind.BOOKING, Kind.CHANGE, Kind.CANCELLATION)


def tell_of(world: World, *kinds: Kind, channel: Channel = Channel.EMAIL) -> list[Rule]:
    """An active rule for each of these kinds (all, where none is named), with words whose subject is the kind and the
    time."""
    with in_clinic(world.clinic.pk):
        return [_rule(world, kind, channel) for kind in kinds or NOTICE_KINDS]


def _rule(world: World, kind: Kind, channel: Channel) -> Rule:
    template = Template.objects.create(clinic=world.clinic, kind=kind, channel=channel, language="es", version=1)
    TemplateVersion.objects.create(
        clinic=world.clinic, template=template, version=1, subject=f"{kind}: [APPOINTMENT]",
        body="Hola, [CLIENTFIRSTNAME]: [APPOINTMENT]. [CLINIC]", written_at=NOW,
    )  # fmt: skip
    rule: Rule = Rule.objects.create(
        clinic=world.clinic, kind=kind, timing=TimingKind.ON_EVENT, amount=0, channel=channel,
        statuses=["scheduled", "confirmed"],
    )  # fmt: skip
    return rule


def answers(world: World) -> list[tuple[str, bool]]:
    """Every answer of staff, in the order of the changes: of what, and whether the patient is told."""
    with in_clinic(world.clinic.pk):
        return [(one.event, one.notify) for one in NoticeAnswer.objects.order_by("appointment", "revision")]
