"""With which words does a clinic's notice start? What a patient reads when an appointment was booked, changed or
cancelled: that it was, when it is (or was to be), and where to call. Nothing of the visit, as in the reminders.
"""

from collections.abc import Mapping
from types import MappingProxyType

from messaging.channels import Channel
from reminders.kinds import Kind

#: By (kind, channel, language): (subject, body).
DEFAULT_NOTICES: Mapping[tuple[Kind, Channel, str], tuple[str, str]] = MappingProxyType(
    {
        (Kind.BOOKING, Channel.EMAIL, "es"): (
            "Su cita en [CLINIC]",
            """Hola, [CLIENTFIRSTNAME]:

Hemos anotado su cita con nosotros:

[APPOINTMENT]

Si no le viene bien, llámenos al [CLINICPHONE] y buscaremos otro momento.

Le esperamos.
[CLINIC]
""",
        ),
        (Kind.CHANGE, Channel.EMAIL, "es"): (
            "Su cita en [CLINIC] ha cambiado",
            """Hola, [CLIENTFIRSTNAME]:

Su cita con nosotros ha cambiado. Ahora es:

[APPOINTMENT]

Si no le viene bien, llámenos al [CLINICPHONE] y buscaremos otro momento.

Le esperamos.
[CLINIC]
""",
        ),
        (Kind.CANCELLATION, Channel.EMAIL, "es"): (
            "Su cita en [CLINIC] se ha cancelado",
            """Hola, [CLIENTFIRSTNAME]:

Se ha cancelado esta cita con nosotros:

[APPOINTMENT]

Si desea otra cita o esto le sorprende, llámenos al [CLINICPHONE].

Un saludo.
[CLINIC]
""",
        ),
        (Kind.BOOKING, Channel.EMAIL, "it"): (
            "Il suo appuntamento: [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

abbiamo fissato il suo appuntamento da noi:

[APPOINTMENT]

Se non le va bene, ci chiami al [CLINICPHONE]: troveremo un altro momento.

La aspettiamo.
[CLINIC]
""",
        ),
        (Kind.CHANGE, Channel.EMAIL, "it"): (
            "Il suo appuntamento è cambiato: [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

il suo appuntamento da noi è cambiato. Ora è:

[APPOINTMENT]

Se non le va bene, ci chiami al [CLINICPHONE]: troveremo un altro momento.

La aspettiamo.
[CLINIC]
""",
        ),
        (Kind.CANCELLATION, Channel.EMAIL, "it"): (
            "Il suo appuntamento è stato annullato: [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

questo appuntamento da noi è stato annullato:

[APPOINTMENT]

Se ne desidera un altro o non se lo aspettava, ci chiami al [CLINICPHONE].

Cordiali saluti.
[CLINIC]
""",
        ),
        (Kind.BOOKING, Channel.EMAIL, "pt-br"): (
            "Sua consulta: [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Marcamos a sua consulta conosco:

[APPOINTMENT]

Se não for um bom horário, ligue para [CLINICPHONE] e encontraremos outro.

Até breve!
[CLINIC]
""",
        ),
        (Kind.CHANGE, Channel.EMAIL, "pt-br"): (
            "Sua consulta mudou: [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Sua consulta conosco mudou. Agora é:

[APPOINTMENT]

Se não for um bom horário, ligue para [CLINICPHONE] e encontraremos outro.

Até breve!
[CLINIC]
""",
        ),
        (Kind.CANCELLATION, Channel.EMAIL, "pt-br"): (
            "Sua consulta foi cancelada: [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Esta consulta conosco foi cancelada:

[APPOINTMENT]

Se quiser remarcar ou não esperava por isso, ligue para [CLINICPHONE].

Um abraço,
[CLINIC]
""",
        ),
        (Kind.BOOKING, Channel.EMAIL, "en"): (
            "Your appointment at [CLINIC]",
            """Hello [CLIENTFIRSTNAME],

We have booked your appointment with us:

[APPOINTMENT]

If it does not suit you, please call us on [CLINICPHONE] and we will find another time.

See you soon,
[CLINIC]
""",
        ),
        (Kind.CHANGE, Channel.EMAIL, "en"): (
            "Your appointment at [CLINIC] has changed",
            """Hello [CLIENTFIRSTNAME],

Your appointment with us has changed. It is now on:

[APPOINTMENT]

If it does not suit you, please call us on [CLINICPHONE] and we will find another time.

See you soon,
[CLINIC]
""",
        ),
        (Kind.CANCELLATION, Channel.EMAIL, "en"): (
            "Your appointment at [CLINIC] is cancelled",
            """Hello [CLIENTFIRSTNAME],

This appointment with us is cancelled:

[APPOINTMENT]

If you would like another one, or did not expect this, please call us on [CLINICPHONE].

Kind regards,
[CLINIC]
""",
        ),
        # SMS: no letters outside the GSM alphabet, so that a name without accents keeps it within one message.
        (Kind.BOOKING, Channel.SMS, "es"): (
            "",
            "[CLIENTFIRSTNAME], tiene cita en [CLINIC]: [APPOINTMENT]. Si no le viene bien: [CLINICPHONE]\n",
        ),
        (Kind.CHANGE, Channel.SMS, "es"): (
            "",
            "[CLIENTFIRSTNAME], su cita en [CLINIC] ha cambiado. Ahora es: [APPOINTMENT]. Dudas: [CLINICPHONE]\n",
        ),
        (Kind.CANCELLATION, Channel.SMS, "es"): (
            "",
            "[CLIENTFIRSTNAME], se ha cancelado su cita en [CLINIC]: [APPOINTMENT]. Para otra: [CLINICPHONE]\n",
        ),
        (Kind.BOOKING, Channel.SMS, "it"): (
            "",
            "[CLIENTFIRSTNAME], ha un appuntamento da [CLINIC]: [APPOINTMENT]. Se non le va bene: [CLINICPHONE]\n",
        ),
        (Kind.CHANGE, Channel.SMS, "it"): (
            "",
            "[CLIENTFIRSTNAME], il suo appuntamento da [CLINIC] ora è: [APPOINTMENT]. Info: [CLINICPHONE]\n",
        ),
        (Kind.CANCELLATION, Channel.SMS, "it"): (
            "",
            "[CLIENTFIRSTNAME], il suo appuntamento da [CLINIC] è annullato: [APPOINTMENT]. Info: [CLINICPHONE]\n",
        ),
        (Kind.BOOKING, Channel.SMS, "pt-br"): (
            "",
            "[CLIENTFIRSTNAME], sua consulta na [CLINIC] foi marcada: [APPOINTMENT]. Remarcar: [CLINICPHONE]\n",
        ),
        (Kind.CHANGE, Channel.SMS, "pt-br"): (
            "",
            "[CLIENTFIRSTNAME], sua consulta na [CLINIC] mudou. Agora é: [APPOINTMENT]. Info: [CLINICPHONE]\n",
        ),
        (Kind.CANCELLATION, Channel.SMS, "pt-br"): (
            "",
            "[CLIENTFIRSTNAME], sua consulta na [CLINIC] foi cancelada: [APPOINTMENT]. Remarcar: [CLINICPHONE]\n",
        ),
        (Kind.BOOKING, Channel.SMS, "en"): (
            "",
            "[CLIENTFIRSTNAME], your appointment at [CLINIC] is booked: [APPOINTMENT]. Changes: [CLINICPHONE]\n",
        ),
        (Kind.CHANGE, Channel.SMS, "en"): (
            "",
            "[CLIENTFIRSTNAME], your appointment at [CLINIC] is now on [APPOINTMENT]. Questions: [CLINICPHONE]\n",
        ),
        (Kind.CANCELLATION, Channel.SMS, "en"): (
            "",
            "[CLIENTFIRSTNAME], your appointment at [CLINIC] is cancelled: [APPOINTMENT]. Call us: [CLINICPHONE]\n",
        ),
    }
)
