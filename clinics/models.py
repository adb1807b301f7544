"""Who is the tenant, and who works there? Clinic, its people and its places."""

from datetime import time
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from clinics.owned import ClinicOwned, SameClinicKey
from clinics.rls import SameClinic


class UserManager(BaseUserManager["User"]):
    """Makes users; the e-mail address is the log-in."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who may log in. Raises ValueError without an address."""
        if not email:
            raise ValueError("a user needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A platform operator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. What he may do in a clinic is his Membership."""

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def get_full_name(self) -> str:
        """The name, or the address where none is given."""
        return self.name or self.email


class Clinic(models.Model):
    """The tenant. Secrets never lie here: this table has no row-level security, as log-in comes before any clinic."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2, help_text="ISO 3166-1 alpha-2")
    time_zone = models.CharField(_("time zone"), max_length=60, help_text="IANA name, as Europe/Madrid")
    language = models.CharField(_("language"), max_length=10)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    suspended = models.BooleanField(default=False)
    test_mode = models.BooleanField(default=True)
    channels_on = models.JSONField(default=list, help_text="the channels switched on, as ['email', 'sms']")
    default_channel = models.CharField(max_length=10, default="email")
    paused_until = models.DateTimeField(null=True, blank=True)
    #: Local wall times; what the product starts by itself never leaves between them. Equal means no quiet hours.
    quiet_from = models.TimeField(default=time(21))
    quiet_until = models.TimeField(default=time(8))
    #: ISO weekdays (1 Monday … 7 Sunday) on which nothing leaves by itself.
    closed_weekdays = models.JSONField(default=list)
    #: The part of the country whose holidays count, as `clinics.holidays` names it: mostly ISO 3166-2 without the
    #: country ("MD" of ES-MD); may be empty.
    region = models.CharField(_("region"), max_length=40, blank=True)
    #: Public holidays of country and region are closed days, apart from what ClosedDay says.
    public_holidays = models.BooleanField(_("closed on public holidays"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Role(models.TextChoices):
    """What a member may do in a clinic; `clinics.roles` says what that means."""

    RECEPTION = "reception", _("Reception")
    PRACTITIONER = "practitioner", _("Practitioner")
    ADMIN = "admin", _("Administrator")
    READ_ONLY = "read_only", _("Read only")


class Membership(models.Model):
    """A user's role in a clinic."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "clinic"], name="one_role_a_clinic")]


class Clock(models.Model):
    """One row: how far `clinics.clock.now()` runs ahead of real time. Only the sandbox moves it."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    shift = models.DurationField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_clock")]


class Location(ClinicOwned):
    """A place where the clinic receives patients."""

    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=240, blank=True)
    #: IANA name; empty means the clinic's own zone.
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    #: As Clinic.region; empty means the clinic's own.
    region = models.CharField(_("region"), max_length=40, blank=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "name"], name="one_location_a_name")
        ]


class ClosedDay(ClinicOwned):
    """What the clinic itself says of a day: closed beyond the public holidays, or open although it is one."""

    #: Empty means all places.
    location = SameClinicKey(Location, null=True, blank=True)
    day = models.DateField(_("day"))
    name = models.CharField(_("name"), max_length=120, blank=True)
    closed = models.BooleanField(_("closed"), default=True)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            SameClinic(field="location", name="closed_day_same_clinic_location"),
            models.UniqueConstraint(
                fields=["clinic", "location", "day"], nulls_distinct=False, name="one_closed_day_a_place"
            ),
        ]


class Practitioner(ClinicOwned):
    """A professional with an agenda; `user` where he also logs in."""

    name = models.CharField(_("name"), max_length=120)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    #: CSS hue of the stripe in the agenda, 0-359.
    hue = models.PositiveSmallIntegerField(default=210)

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "name"], name="one_practitioner_a_name")
        ]


class Submission(ClinicOwned):
    """A form that was sent: its token, and the row it made. `clinics.once` writes it: one form, one row."""

    token = models.UUIDField()
    made = models.BigIntegerField(null=True)
    sent_at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        constraints = ClinicOwned.Meta.constraints + [
            models.UniqueConstraint(fields=["clinic", "token"], name="one_submission_a_form")
        ]


class SettingArea(models.TextChoices):
    """A part of a clinic's settings."""

    CLINIC = "clinic", _("Clinic")
    EMAIL = "email", _("E-mail account")
    SMS = "sms", _("SMS sender")
    RULE = "rule", _("Rule")
    PACKAGE = "package", _("Practitioner's messages")
    HOLIDAYS = "holidays", _("Closed days")
    PAUSE = "pause", _("Pause")
    WORDING = "wording", _("Wording")
    PERSON = "person", _("Practitioner")
    PLACE = "place", _("Location")


class SettingEvent(ClinicOwned):
    """What was done to a clinic's settings, by whom and when. Rows are only added; a secret never stands in them."""

    area = models.CharField(max_length=10, choices=SettingArea.choices)
    #: An account was tried; else something was written.
    tried = models.BooleanField(default=False)
    #: The id of the rule, wording, practitioner or location; None where an area has one row.
    row = models.BigIntegerField(null=True)
    #: Of a change: field → [before, after]. Of a try: `failed_at`, empty when all went well, and `stored`.
    details = models.JSONField(default=dict)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta(ClinicOwned.Meta):
        indexes = [models.Index(fields=["clinic", "area", "row", "-id"], name="setting_history")]
