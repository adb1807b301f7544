"""With which words does a clinic start? Short, warm, first name only; never the kind of visit, which may tell of an
illness. They use only fields that every appointment fills, so that a clinic's first reminders are not held back by an
address that nobody typed. All kinds ask to phone: nothing else is there yet to answer by. The notices stand in
`reminders.default_notices`.
"""

from collections.abc import Mapping
from types import MappingProxyType

from messaging.channels import Channel
from reminders.default_notices import DEFAULT_NOTICES
from reminders.kinds import Kind

#: By (kind, channel, language): (subject, body).
DEFAULT_WORDINGS: Mapping[tuple[Kind, Channel, str], tuple[str, str]] = MappingProxyType(
    {
        (Kind.REMINDER, Channel.EMAIL, "es"): (
            "Recordatorio de su cita en [CLINIC]",
            """Hola, [CLIENTFIRSTNAME]:

Le recordamos su próxima cita con nosotros:

[APPOINTMENT]

Si no puede venir o necesita cambiarla, llámenos al [CLINICPHONE] y buscaremos otro momento.

Le esperamos.
[CLINIC]
""",
        ),
        (Kind.CONFIRMATION, Channel.EMAIL, "es"): (
            "¿Nos confirma su cita en [CLINIC]?",
            """Hola, [CLIENTFIRSTNAME]:

Tiene una cita con nosotros:

[APPOINTMENT]

¿Podrá venir? Llámenos al [CLINICPHONE] para confirmarla o, si no le viene bien, para cambiarla.

Muchas gracias.
[CLINIC]
""",
        ),
        (Kind.REMINDER, Channel.EMAIL, "it"): (
            "Promemoria del suo appuntamento: [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

le ricordiamo il suo prossimo appuntamento da noi:

[APPOINTMENT]

Se non può venire o desidera spostarlo, ci chiami al [CLINICPHONE]: troveremo un altro momento.

La aspettiamo.
[CLINIC]
""",
        ),
        (Kind.CONFIRMATION, Channel.EMAIL, "it"): (
            "Ci conferma il suo appuntamento? [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

ha un appuntamento da noi:

[APPOINTMENT]

Riuscirà a venire? Ci chiami al [CLINICPHONE] per confermarlo oppure per spostarlo.

Grazie e a presto.
[CLINIC]
""",
        ),
        (Kind.REMINDER, Channel.EMAIL, "pt-br"): (
            "Lembrete da sua consulta: [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Passando para lembrar da sua próxima consulta conosco:

[APPOINTMENT]

Se não puder vir ou precisar remarcar, ligue para [CLINICPHONE] e encontraremos outro horário.

Até breve!
[CLINIC]
""",
        ),
        (Kind.CONFIRMATION, Channel.EMAIL, "pt-br"): (
            "Você confirma a sua consulta? [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Você tem uma consulta marcada conosco:

[APPOINTMENT]

Podemos contar com você? Ligue para [CLINICPHONE] para confirmar ou, se preferir, para remarcar.

Obrigado!
[CLINIC]
""",
        ),
        (Kind.REMINDER, Channel.EMAIL, "en"): (
            "A reminder of your appointment at [CLINIC]",
            """Hello [CLIENTFIRSTNAME],

This is a reminder of your next appointment with us:

[APPOINTMENT]

If you cannot come or would like another time, please call us on [CLINICPHONE].

See you soon,
[CLINIC]
""",
        ),
        (Kind.CONFIRMATION, Channel.EMAIL, "en"): (
            "Can you confirm your appointment at [CLINIC]?",
            """Hello [CLIENTFIRSTNAME],

You have an appointment with us:

[APPOINTMENT]

Will you be able to come? Please call us on [CLINICPHONE] to confirm it or to change it.

Thank you,
[CLINIC]
""",
        ),
        # SMS: no letters outside the GSM alphabet, so that a name without accents keeps it within one message.
        (Kind.REMINDER, Channel.SMS, "es"): (
            "",
            "[CLIENTFIRSTNAME], le recordamos su cita en [CLINIC]: [APPOINTMENT]. Cambios: [CLINICPHONE]\n",
        ),
        (Kind.CONFIRMATION, Channel.SMS, "es"): (
            "",
            "[CLIENTFIRSTNAME], tiene cita en [CLINIC]: [APPOINTMENT]. Por favor, confirme en el [CLINICPHONE]\n",
        ),
        (Kind.REMINDER, Channel.SMS, "it"): (
            "",
            "[CLIENTFIRSTNAME], le ricordiamo il suo appuntamento da [CLINIC]: [APPOINTMENT]. Info: [CLINICPHONE]\n",
        ),
        (Kind.CONFIRMATION, Channel.SMS, "it"): (
            "",
            "[CLIENTFIRSTNAME], ha un appuntamento da [CLINIC]: [APPOINTMENT]. Per confermare chiami [CLINICPHONE]\n",
        ),
        (Kind.REMINDER, Channel.SMS, "pt-br"): (
            "",
            "[CLIENTFIRSTNAME], lembrete da sua consulta na [CLINIC]: [APPOINTMENT]. Remarcar: [CLINICPHONE]\n",
        ),
        (Kind.CONFIRMATION, Channel.SMS, "pt-br"): (
            "",
            "[CLIENTFIRSTNAME], sua consulta na [CLINIC]: [APPOINTMENT]. Para confirmar, ligue [CLINICPHONE]\n",
        ),
        (Kind.REMINDER, Channel.SMS, "en"): (
            "",
            "[CLIENTFIRSTNAME], a reminder of your appointment at [CLINIC]: [APPOINTMENT]. Changes: [CLINICPHONE]\n",
        ),
        (Kind.CONFIRMATION, Channel.SMS, "en"): (
            "",
            "[CLIENTFIRSTNAME], you have an appointment at [CLINIC]: [APPOINTMENT]. Please confirm: [CLINICPHONE]\n",
        ),
        **DEFAULT_NOTICES,
    }
)
