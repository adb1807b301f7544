"""Who are the three demo clinics? Invented; every address ends in .example, which no mail can reach (RFC 2606)."""

from dataclasses import dataclass

from clinics.models import Role


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who logs in."""

    email: str
    name: str
    role: Role


@dataclass(frozen=True)
class DemoClinic:
    """A clinic, without its agenda, which is agendas/<slug>.csv."""

    slug: str
    name: str
    country: str
    #: The region of the country whose holidays it keeps, as `clinics.holidays` names it.
    region: str
    time_zone: str
    language: str
    phone: str
    address: str
    #: The name under which its text messages arrive: at most 11 characters.
    sms_name: str
    people: tuple[DemoPerson, ...]
    #: Name, address.
    locations: tuple[tuple[str, str], ...]
    #: Name, phone, hue of the stripe.
    practitioners: tuple[tuple[str, str, int], ...]
    #: Name, minutes.
    types: tuple[tuple[str, int], ...]
    #: References of appointments whose patient was reminded by phone, by hand.
    marked: tuple[str, ...]
    mark_note: str
    #: The clinic's own wording of the reminder in its language: subject, body.
    reminder: tuple[str, str]
    #: The last step, two hours before by SMS, does not go once the patient has confirmed; it goes by e-mail where the
    #: SMS fails.
    stops_when_confirmed: bool = False
    sms_falls_back: bool = False


DEMO_CLINICS = (
    DemoClinic(
        slug="clinica-sol-madrid",
        name="Clínica Sol",
        country="ES",
        region="MD",
        time_zone="Europe/Madrid",
        language="es",
        phone="+34 910 000 100",
        address="citas@clinica-sol.example",
        sms_name="ClinicaSol",
        people=(
            DemoPerson("recepcion@clinica-sol.example", "Marta Rivas", Role.RECEPTION),
            DemoPerson("admin@clinica-sol.example", "Carlos Osuna", Role.ADMIN),
        ),
        locations=(
            ("Sol Centro", "Calle de la Aurora 12, 28013 Madrid"),
            ("Sol Chamberí", "Calle del Olmo Nuevo 45, 28010 Madrid"),
        ),
        practitioners=(
            ("Dra. Elena Ruiz", "+34 910 000 101", 210),
            ("Dr. Marcos Vidal", "+34 910 000 102", 150),
            ("Nuria Campos", "+34 910 000 103", 30),
            ("Álvaro Peña", "+34 910 000 104", 280),
        ),
        types=(("Primera visita", 45), ("Revisión", 30), ("Seguimiento", 30), ("Sesión", 45)),
        marked=("SOL-F04",),
        mark_note="Llamó para preguntar el horario",
        reminder=(
            "Recordatorio de su cita en [CLINIC]",
            """Hola, [CLIENTFIRSTNAME]:

Le recordamos su cita:

[APPOINTMENT]
Con [CLINICIAN]
[LOCATION], [LOCATIONADDRESS]

Si no puede venir o necesita cambiarla, llámenos al [CLINICPHONE] y buscaremos otro momento.

Le esperamos.
[CLINIC]
""",
        ),
    ),
    DemoClinic(
        slug="studio-aurora-milano",
        name="Studio Aurora",
        country="IT",
        region="MI",
        time_zone="Europe/Rome",
        language="it",
        phone="+39 02 0000 0100",
        address="appuntamenti@studio-aurora.example",
        sms_name="StAurora",
        people=(
            DemoPerson("segreteria@studio-aurora.example", "Giada Corsi", Role.RECEPTION),
            DemoPerson("admin@studio-aurora.example", "Renato Berti", Role.ADMIN),
        ),
        locations=(
            ("Aurora Brera", "Via dei Glicini Vecchi 8, 20121 Milano"),
            ("Aurora Navigli", "Via del Mulino Nuovo 21, 20144 Milano"),
        ),
        practitioners=(
            ("Dott.ssa Chiara Sala", "+39 02 0000 0101", 340),
            ("Dott. Paolo Ferraris", "+39 02 0000 0102", 200),
            ("Marta Brambilla", "+39 02 0000 0103", 100),
            ("Luca Zanon", "+39 02 0000 0104", 40),
        ),
        types=(("Prima visita", 45), ("Controllo", 30), ("Igiene", 45), ("Seduta", 45)),
        marked=("AUR-F04",),
        mark_note="Ha telefonato per chiedere l'orario",
        sms_falls_back=True,
        reminder=(
            "Promemoria del suo appuntamento: [CLINIC]",
            """Buongiorno [CLIENTFIRSTNAME],

le ricordiamo il suo appuntamento:

[APPOINTMENT]
Con [CLINICIAN]
[LOCATION], [LOCATIONADDRESS]

Se non può venire o desidera spostarlo, ci chiami al [CLINICPHONE]: troveremo un altro momento.

La aspettiamo.
[CLINIC]
""",
        ),
    ),
    DemoClinic(
        slug="clinica-ipe-sao-paulo",
        name="Clínica Ipê",
        country="BR",
        region="SP",
        time_zone="America/Sao_Paulo",
        language="pt-br",
        phone="+55 11 3000-0100",
        address="agenda@clinica-ipe.example",
        sms_name="ClinicaIpe",
        people=(
            DemoPerson("recepcao@clinica-ipe.example", "Paula Sarmento", Role.RECEPTION),
            DemoPerson("admin@clinica-ipe.example", "Jonas Viana", Role.ADMIN),
        ),
        locations=(("Ipê Pinheiros", "Rua dos Ipês Novos, 300, São Paulo"),),
        practitioners=(
            ("Dra. Beatriz Nogueira", "+55 11 3000-0101", 170),
            ("Dr. Rafael Tavares", "+55 11 3000-0102", 20),
            ("Camila Antunes", "+55 11 3000-0103", 300),
            ("Thiago Meireles", "+55 11 3000-0104", 80),
        ),
        types=(("Primeira consulta", 45), ("Retorno", 30), ("Avaliação", 30), ("Sessão", 45)),
        marked=("IPE-F04",),
        mark_note="Ligou para perguntar o horário",
        stops_when_confirmed=True,
        reminder=(
            "Lembrete da sua consulta: [CLINIC]",
            """Olá, [CLIENTFIRSTNAME]!

Passando para lembrar da sua consulta:

[APPOINTMENT]
Com [CLINICIAN]
[LOCATION], [LOCATIONADDRESS]

Se não puder vir ou precisar remarcar, ligue para [CLINICPHONE] e encontraremos outro horário.

Até breve!
[CLINIC]
""",
        ),
    ),
)
