"""May this name stand as the sender of an SMS? The rules of the network, and of each country as data. Pure.

At most 11 characters (3GPP TS 23.040, 9.1.2.5: an alphanumeric address), at least one letter, and of Twilio's
permitted characters: letters, digits, space and - + _ &
(https://www.twilio.com/docs/messaging/api/alphasender-resource). Operators block names that say nothing.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 11
_PERMITTED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 -+_&")


class Reason(StrEnum):
    """What is wrong with a name, or worth knowing."""

    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    NO_LETTER = "no_letter"
    CHARACTER = "character"
    #: Warnings from here on.
    GENERIC = "generic"
    COMMON_NAME = "common_name"
    REGISTER = "register"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Country:
    """A country's own rules. `register` names the public register in which a name must stand; `replaced` says that
    operators put a number in its place."""

    shortest: int = 1
    register: str = ""
    replaced: bool = False


COUNTRIES = {
    # CNMC's register of aliases: 3 to 11 characters; unregistered names are blocked from 15 September 2026.
    "ES": Country(shortest=3, register="CNMC"),
    # AGCOM's register of aliases.
    "IT": Country(register="AGCOM"),
    # Operators replace names that are not registered with them by a short code.
    "BR": Country(replaced=True),
    "PT": Country(shortest=3),
}


@dataclass(frozen=True)
class NameCheck:
    """Reasons with the value that they speak of: `refused` must be mended, `warnings` should be read."""

    refused: tuple[tuple[Reason, str], ...]
    warnings: tuple[tuple[Reason, str], ...]


def check_name(name: str, country: str) -> NameCheck:
    """Judges a sender name for patients of a country (ISO 3166-1 alpha-2)."""
    rules = COUNTRIES.get(country, Country())
    refused = []
    if len(name) > LONGEST:
        refused.append((Reason.TOO_LONG, str(len(name))))
    if len(name) < rules.shortest:
        refused.append((Reason.TOO_SHORT, str(rules.shortest)))
    if wrong := "".join(dict.fromkeys(one for one in name if one not in _PERMITTED)):
        refused.append((Reason.CHARACTER, wrong))
    if not any(one.isalpha() for one in name):
        refused.append((Reason.NO_LETTER, ""))
    warnings = []
    if rules.register:
        warnings.append((Reason.REGISTER, rules.register))
    if rules.replaced:
        warnings.append((Reason.REPLACED, ""))
    return NameCheck(tuple(refused), (*_says_nothing(name), *warnings))


def _says_nothing(name: str) -> tuple[tuple[Reason, str], ...]:
    words = [word for word in re.split(r"[^A-Z0-9]+", _plain(name)) if word]
    if not words or all(word in _GENERIC for word in words):
        return ((Reason.GENERIC, name),) if words else ()
    rest = [word for word in words if word not in _TITLES]
    if len(rest) <= 1 and all(word in _SURNAMES for word in rest):
        return ((Reason.COMMON_NAME, name),)
    return ()


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text.upper())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GENERIC = _words(
    "INFO SMS ALERT ALERTA AVISO AVISOS AVVISO NOTICE NOTIFY TEST PROMO CLINIC CLINICA CLINICAS CENTRO CENTER STUDIO "
    "MEDICO MEDICA MEDICAL DENTAL DENTISTA DOCTOR DOTTORE HOSPITAL CITA CITAS CONSULTA CONSULTORIO APPUNTAMENTO "
    "APPOINTMENT REMINDER RECORDATORIO PROMEMORIA LEMBRETE SALUD SALUTE SAUDE HEALTH BANK BANCO VERIFY CODE"
)
_TITLES = _words("DR DRA DOTT DOTTSSA SSA DOTTOR PROF SR SRA SIG MR MRS MS")
#: The most common surnames of Spain, Italy, Brazil and Portugal.
_SURNAMES = _words(
    "GARCIA GONZALEZ RODRIGUEZ FERNANDEZ LOPEZ MARTINEZ SANCHEZ PEREZ GOMEZ MARTIN JIMENEZ RUIZ HERNANDEZ DIAZ MORENO "
    "MUNOZ ALVAREZ ROMERO ALONSO GUTIERREZ NAVARRO TORRES ROSSI RUSSO FERRARI ESPOSITO BIANCHI ROMANO COLOMBO RICCI "
    "MARINO GRECO BRUNO GALLO CONTI COSTA GIORDANO SILVA SANTOS OLIVEIRA SOUZA SOUSA RODRIGUES FERREIRA ALVES PEREIRA "
    "LIMA GOMES RIBEIRO CARVALHO MARTINS ALMEIDA LOPES SOARES FERNANDES VIEIRA"
)
