"""Which three clinics does the test agenda belong to, and how does each one's old system write?

Plain facts for the generator of the files, for whoever sets the clinics up, and for the model that says what should
happen. Everybody is invented; mail addresses end in .example (RFC 2606).
"""

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Export:
    """The form of a file: delimiter, encoding, how a moment is written (strftime), how yes and no are."""

    delimiter: str
    encoding: str
    moment: str
    yes: str
    no: str
    #: scheduled, confirmed, cancelled, requested, arrived, completed, no-show
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class Phones:
    """Patterns of numbers, N for a digit: mobiles, landlines, and what is left when the area code is not typed."""

    mobile: tuple[str, ...]
    fixed: str
    short: str


@dataclass(frozen=True)
class AgendaClinic:
    """A clinic and its rows. `late` is the late-booking policy of (the e-mail rule, the SMS rule)."""

    slug: str
    name: str
    country: str
    time_zone: str
    language: str
    rows: int
    closed_weekdays: tuple[int, ...]
    late: tuple[str, str]
    export: Export
    phones: Phones
    mail_host: str
    practitioners: tuple[str, ...]
    locations: tuple[str, ...]
    types: tuple[str, ...]
    first_names: str
    last_names: str

    @property
    def file(self) -> Path:
        """Its committed agenda."""
        return FOLDER / f"agenda-{self.slug}.csv"

    @property
    def account(self) -> str:
        """The user name of its e-mail account, by which the outside world knows who wrote."""
        return f"citas@{self.slug}.example"


#: Quiet hours of all three: local wall times.
QUIET_FROM, QUIET_UNTIL = "21:00", "08:00"

MADRID = AgendaClinic(
    slug="madrid", name="Clínica Nogal", country="ES", time_zone="Europe/Madrid", language="es", rows=820,
    closed_weekdays=(7,), late=("next_allowed", "send_now"),
    export=Export(
        ";", "cp1252", "%d/%m/%Y %H:%M", "sí", "no",
        ("Programada", "Confirmada", "Anulada", "Solicitada", "En sala de espera", "Realizada", "No asistió"),
    ),
    phones=Phones(("6NN 000 NNN", "+34 6NN 000 NNN", "6NN000NNN", "0034 6NN-000-NNN"), "91 000 NN NN", "000 NN NN"),
    mail_host="correo.example",
    practitioners=("Dra. Inés Calderón", "Dr. Óscar Peña", "Begoña Muñiz", "Dr. Íñigo Sáez"),
    locations=("Nogal Centro", "Nogal Móstoles"),
    types=("Primera visita", "Revisión", "Sesión de fisioterapia"),
    first_names="Lucía María José Begoña Íñigo Núria Andrés Martín Zoé Ramón Sofía Ángel Mónica Iván Rocío Tomás Leire",
    last_names="Muñoz Peña García Ibáñez López Núñez Güell Sáez Fernández Cigüeña Martínez Ordóñez Ruiz Vega Pérez",
)  # fmt: skip
MILANO = AgendaClinic(
    slug="milano", name="Studio Betulla", country="IT", time_zone="Europe/Rome", language="it", rows=640,
    closed_weekdays=(6, 7), late=("skip", "next_allowed"),
    export=Export(
        ",", "utf-8-sig", "%d.%m.%Y %H.%M", "Sì", "No",
        ("Prenotato", "Confermato", "Disdetto", "Richiesto", "Arrivato", "Effettuato", "Non presentato"),
    ),
    phones=Phones(("32N 000 NNNN", "+39 34N 000NNNN", "33N/000NNNN"), "02 0000 NNNN", "0000 NNNN"),
    mail_host="posta.example",
    practitioners=("Dott.ssa Noemi Carrà", "Dott. Nicolò D'Aquila", "Giosuè Forlì"),
    locations=("Betulla Isola", "Betulla Città Studi"),
    types=("Prima visita", "Controllo", "Igiene"),
    first_names="Nicolò Giosuè Chiara Noè Desirée Luca Giulia Niccolò Matteo Zoe Elìa Sara Irene Raffaele Ornella",
    last_names="D'Angelo De'Rossi Carrà Forlì Cantù Pagnù Rossi Bianchi Dell'Acqua Sartù Greco Vitali Zanon",
)  # fmt: skip
SAO_PAULO = AgendaClinic(
    slug="sao-paulo", name="Clínica Jatobá", country="BR", time_zone="America/Sao_Paulo", language="pt-br",
    rows=540, closed_weekdays=(7,), late=("send_now", "skip"),
    export=Export(
        "\t", "utf-8", "%d/%m/%Y %Hh%M", "Sim", "Não",
        ("Agendada", "Confirmada", "Desmarcada", "Solicitada", "Chegou", "Concluída", "Não compareceu"),
    ),
    phones=Phones(("(11) 98000-NNNN", "11 97000 NNNN", "+55 11 96000-NNNN"), "(11) 3000-NNNN", "98000-NNNN"),
    mail_host="correio.example",
    practitioners=("Dra. Conceição Araújo", "Dr. Antônio Brandão", "João Açucena"),
    locations=("Jatobá Moema",),
    types=("Primeira consulta", "Retorno", "Sessão"),
    first_names="João Conceição Antônio Letícia Luís Inês Márcia Otávio Vitória Fábio Simão Thaís Cauã Débora Íris",
    last_names="Araújo Brandão Gonçalves Simões Magalhães Cândido Sá Prudêncio Assunção Leão Farias Souza Conceição",
)  # fmt: skip
CLINICS = (MADRID, MILANO, SAO_PAULO)
