"""What do people write for yes, for a channel, for a status? In the four languages of the product. Pure data.

Words are compared without regard to case, accents, or whether `_`, `-` or a space parts them.
"""

import unicodedata
from collections.abc import Iterable

from appointments.models import Status
from messaging.channels import Channel


def plain(word: str) -> str:
    """The form in which words are compared."""
    parted = unicodedata.normalize("NFD", word.casefold().replace("_", " ").replace("-", " "))
    return " ".join("".join(c for c in parted if not unicodedata.combining(c)).split())


def _by_word(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {plain(word): meaning for meaning, line in words for word in line.split(",")}


def _words(line: str) -> frozenset[str]:
    return frozenset(plain(word) for word in line.split(","))


#: Compared through `plain`, so "sí" and "não" are here without their accents too.
YES = _words("1,x,yes,y,true,t,on,si,sí,s,sim,verdadero,verdadera,vero,vera,verdadeiro,verdadeira,v")
NO = _words("0,no,n,não,false,falso,falsa,f,off")

#: Patient.preferred_channel takes a channel or `none`.
CHANNELS = _by_word(
    [
        (Channel.EMAIL, "email,e-mail,mail,correo,correo electrónico,posta elettronica"),
        (Channel.SMS, "sms"),
        (Channel.WHATSAPP, "whatsapp"),
        (Channel.VOICE, "voice,voz,voce,llamada,chiamata,ligação"),
        ("none", "none,ninguno,ninguna,nessuno,nenhum,nenhuma"),
    ]
)

STATUSES = _by_word(
    [
        (Status.REQUESTED, "requested,solicitada,solicitado,pedida,richiesto,richiesta"),
        (
            Status.SCHEDULED,
            "scheduled,booked,programada,programado,pendiente,prevista,previsto,programmato,programmata,"
            "prenotato,prenotata,agendada,agendado,marcada,marcado",
        ),
        (Status.CONFIRMED, "confirmed,confirmada,confirmado,confermato,confermata"),
        (Status.ARRIVED, "arrived,llegó,ha llegado,en sala de espera,arrivato,arrivata,chegou"),
        (
            Status.COMPLETED,
            "completed,done,realizada,realizado,atendida,atendido,finalizada,finalizado,completato,completata,"
            "effettuato,effettuata,concluída,concluído",
        ),
        (
            Status.NO_SHOW,
            "no show,noshow,missed,no asistió,no acudió,no presentado,non presentato,non presentata,"
            "faltou,não compareceu",
        ),
        (
            Status.CANCELLED,
            "cancelled,canceled,cancelada,cancelado,anulada,anulado,annullato,annullata,cancellato,cancellata,"
            "disdetto,disdetta,desmarcada,desmarcado",
        ),
    ]
)
