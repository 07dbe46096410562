"""What people call about in the demo: the words of tickets and of those who answer them."""

from dataclasses import dataclass

from servicedesk.tickets.workflow import TicketType
from sla.priority import Impact, Urgency

_IMPACT = dict(zip("ptdi", Impact, strict=True))
_URGENCY = dict(zip("lmh", Urgency, strict=True))


@dataclass(frozen=True)
class Topic:
    """One subject: `item` is the identifier or the class of what it is about, if anything."""

    category: str
    type: TicketType
    impact: Impact
    urgency: Urgency
    item: str
    title: str
    body: str
    question: str
    solution: str


def _topics(text: str):
    for block in text.strip().split("\n\n"):
        facts, title, body, question, solution = block.split("\n")
        category, kind, impact, urgency, item = facts.split()
        yield Topic(
            category,
            TicketType.SERVICE_REQUEST if kind == "aanvraag" else TicketType.INCIDENT,
            _IMPACT[impact],
            _URGENCY[urgency],
            "" if item == "-" else item,
            title,
            body,
            question,
            solution,
        )


# Five lines each: category, kind, impact (p t d i), urgency (l m h) and item; title; what happens;
# what the desk asks; what solved it.
TOPICS = tuple(
    _topics("""
application storing t h APP-0031
Zaaksysteem: ‘sessie verlopen’ bij opslaan besluit
Als ik een besluit wil opslaan krijg ik de melding dat mijn sessie is verlopen, terwijl ik net ben ingelogd. Opnieuw inloggen helpt niet. Er liggen twee vergunningen die vandaag de deur uit moeten.
Gebeurt het in elke browser, of alleen in Edge? En kunt u het nummer van een van de zaken geven?
De sessieduur op de server stond te kort na de laatste update. Hij staat weer op acht uur. Log één keer opnieuw in.

application storing p m APP-0031
Zaaksysteem: documenten openen niet in Word
Sinds vanmorgen opent een document uit een zaak niet meer in Word. Ik zie even een wit scherm en daarna niets.
Krijgt u hetzelfde met een ander document uit een andere zaak?
De koppeling met Word was na een update uitgeschakeld. We hebben hem voor uw afdeling weer aangezet.

application storing t m APP-0031
Zaaksysteem erg traag na de middag
Na de lunch duurt het openen van een zaak soms een halve minuut. ’s Morgens gaat het goed. Collega’s merken het ook.
Om welke tijden merkt u het precies? Dan leggen we het naast de metingen van de server.
Een nachtelijke taak draaide nog overdag door. Die is verplaatst, de zaken openen weer binnen twee seconden.

application storing d h APP-0044
Belastingapplicatie: aanslagrun blijft op 98% staan
De aanslagrun van deze maand staat al twee uur op 98%. De aanslagen moeten morgen naar de drukker.
Mogen wij de run stoppen en vanaf het laatste blok opnieuw starten?
Eén aanslag had een leeg adres. Die is apart gezet, de run is afgemaakt en het bestand staat klaar voor de drukker.

application storing p m APP-0044
WOZ-waarde wordt dubbel getoond op scherm
Bij twee objecten zie ik de WOZ-waarde twee keer staan. Bij de andere objecten is het goed.
Kunt u ons de twee objectnummers sturen?
Er stonden dubbele regels van een eerdere conversie. Die zijn opgeschoond.

application storing p m APP-0058
GIS-viewer laadt luchtfoto’s niet meer
De kaartlaag met luchtfoto’s blijft leeg. De andere lagen doen het wel.
Ziet u een foutmelding als u op de laag klikt?
Het adres van de luchtfoto’s was gewijzigd bij de leverancier. De laag wijst nu naar het nieuwe adres.

application storing i m APP-0070
Formulier ‘melding openbare ruimte’ verstuurt geen bijlage
Inwoners melden dat hun foto niet meekomt met een melding openbare ruimte. De tekst komt wel aan.
Weet u sinds welke dag dit speelt?
De grens voor bijlagen stond op 1 MB. Die is verhoogd naar 20 MB; een proef met drie foto’s ging goed.

application storing d h APP-0012
Balie burgerzaken: paspoortscanner wordt niet herkend
De scanner aan balie 2 wordt niet meer herkend. We kunnen geen aanvragen voor reisdocumenten verwerken, er staat een rij.
Brandt het lampje op de scanner groen?
Het stuurprogramma was door een update vervangen. We hebben het goede teruggezet en de update tegengehouden.

application storing p l APP-0012
Uittreksel BRP heeft oud logo
Op het uittreksel staat nog het oude logo van de gemeente.
Kunt u ons het nieuwe logo als bestand sturen?
Het nieuwe logo staat in het sjabloon.

application storing t m APP-0015
Sociaal Domein: berichtenverkeer met zorgaanbieder hapert
Berichten naar twee zorgaanbieders blijven op ‘verzonden’ staan, we krijgen geen retour.
Om welke aanbieders gaat het, en sinds welke datum?
Een certificaat van het knooppunt was verlopen. Het is vernieuwd en de berichten zijn alsnog verwerkt.

application storing p m APP-0019
Factuur blijft hangen in goedkeuring
Een factuur van vorige week staat nog steeds bij mij ter goedkeuring, terwijl ik hem al twee keer heb goedgekeurd.
Kunt u het factuurnummer geven?
De plaatsvervanger stond verkeerd in de routering. Die is aangepast, uw factuur is door.

application aanvraag p l APP-0019
Rapport toevoegen aan financieel pakket
Graag het rapport ‘openstaande verplichtingen’ bij ons in het menu.
Voor welke collega’s moet het zichtbaar zijn?
Het rapport staat in het menu van uw afdeling.

application storing t m APP-0023
Bouwen en wonen: aanvraag komt niet binnen uit loket
Een aanvraag die gisteren is ingediend in het landelijke loket zien wij niet in de werkvoorraad.
Kunt u het verzoeknummer van de aanvraag sturen?
De koppeling was gestopt na onderhoud bij de landelijke voorziening. Alle aanvragen van gisteren zijn alsnog opgehaald.

application storing t m APP-0027
Agenda van de wethouder synchroniseert niet met telefoon
Afspraken die op het secretariaat worden gemaakt verschijnen niet op de telefoon van de wethouder.
Is de telefoon kort geleden vervangen of bijgewerkt?
Het account is opnieuw gekoppeld; de afspraken staan weer op de telefoon.

application storing i m APP-0027
E-mail aan inwoners komt in spamfolder terecht
Inwoners laten weten dat onze brieven per mail in hun map met ongewenste mail terechtkomen.
Kunt u ons één voorbeeld doorsturen als bijlage?
De ondertekening van onze mail klopte niet voor één server. Dat is hersteld en getest bij drie aanbieders.

application aanvraag p l APP-0027
Gedeelde mailbox voor project centrumplan
Voor het project centrumplan willen we een gedeelde mailbox, voor vijf collega’s.
Wie wordt de eigenaar van de mailbox?
De mailbox is gemaakt en de vijf collega’s hebben toegang.

application storing d m APP-0029
Trage aanmelding Citrix op locatie gemeentewerf
Aanmelden op de gemeentewerf duurt ’s morgens meer dan vijf minuten. Op het gemeentehuis is het normaal.
Hoeveel collega’s hebben er op dit moment last van?
De profielen werden over de lijn gekopieerd. Ze staan nu op de server; aanmelden duurt twintig seconden.

workplace storing p m -
Geen verbinding met netwerkschijf G: na thuiswerken
Na een dag thuiswerken is schijf G: weg. Opnieuw opstarten heb ik al gedaan.
Staat er een rood kruis bij de schijf, of is hij helemaal weg?
De schijf is opnieuw gekoppeld bij het aanmelden.

workplace storing p l workstation
Beeldscherm blijft zwart na docking
Als ik mijn laptop in het dock zet blijft het rechterscherm zwart.
Wilt u de kabel tussen dock en scherm eens aan beide kanten losnemen en weer vastzetten?
De firmware van het dock is bijgewerkt, beide schermen doen het.

workplace storing p m workstation
Laptop start niet op, blauw scherm
Mijn laptop geeft een blauw scherm bij het opstarten. Ik kan nu niet werken.
Welke code staat er onder in het scherm?
De schijf is vervangen en de laptop opnieuw ingericht. Uw bestanden stonden op het netwerk en zijn er nog.

workplace storing p l workstation
Schermdelen in Teams geeft zwart beeld
Bij schermdelen zien de anderen een zwart beeld. Geluid is goed.
Gebeurt dit in elk overleg, of alleen met mensen van buiten?
Het videostuurprogramma is bijgewerkt. Schermdelen werkt weer.

workplace storing p m workstation
Toetsenbord en muis vallen steeds weg
Een paar keer per uur reageren toetsenbord en muis niet, ongeveer tien seconden.
Zijn ze draadloos, en heeft u nieuwe batterijen geprobeerd?
De ontvanger zat naast een usb-schijf. Op een andere poort is het probleem weg.

workplace aanvraag p l workstation
Nieuwe medewerker start de eerste van de maand: werkplek en accounts
Op de eerste begint een nieuwe collega bij ons. Graag een laptop, telefoon en toegang tot het zaaksysteem.
Op welke kamer komt de collega te zitten?
De werkplek staat klaar, de accounts zijn gemaakt en de inlogbrief ligt bij de leidinggevende.

workplace aanvraag p l -
Verzoek: pdf-bewerker voor team Vergunningen
Wij moeten tekeningen kunnen bewerken in pdf. Het gaat om drie collega’s.
Is er akkoord van de budgethouder?
De licenties zijn toegekend. Het programma staat morgen op de drie laptops.

workplace aanvraag p l workstation
Tweede beeldscherm voor kamer 2.14
Graag een tweede beeldscherm op de vaste plek in kamer 2.14.
Welke aansluiting heeft de computer daar?
Het scherm is geplaatst en getest.

telephony storing d m TEL-0007
Telefooncentrale: keuzemenu speelt oude openingstijden af
Bellers horen de openingstijden van de zomer. Dat moeten de wintertijden zijn.
Kunt u de juiste tekst voor het menu sturen?
De opname met de wintertijden staat aan.

telephony storing t m TEL-0007
Doorverbinden vanuit het KCC lukt niet
Als we doorverbinden naar Burgerzaken valt het gesprek weg. Andere afdelingen gaan goed.
Naar welke toestelnummers verbindt u door?
De belgroep van Burgerzaken had een leeg toestel. Dat is verwijderd.

telephony storing p m smartphone
Voicemail van mijn mobiele telefoon werkt niet
Bellers krijgen geen voicemail meer te horen, na een tijdje valt de lijn dood.
Staat er een doorschakeling aan op uw toestel?
De voicemail is bij de aanbieder opnieuw aangezet.

telephony aanvraag p l smartphone
Nieuwe simkaart voor toezichthouder
De toezichthouder begint volgende week buiten. Graag een simkaart met data.
Welk toestel gebruikt de toezichthouder?
De simkaart ligt klaar aan de balie.

network storing d m access-point
Wifi raadzaal valt steeds weg
Tijdens vergaderingen valt de wifi in de raadzaal steeds een paar minuten weg. Vanavond is er raadsvergadering.
Valt op dat moment ook het gastennetwerk weg?
Het accesspoint koos een druk kanaal. Het staat vast op een vrij kanaal en is een avond gevolgd zonder onderbreking.

network storing t m switch
Netwerkpunt in kamer 1.08 werkt niet
Twee werkplekken in kamer 1.08 hebben geen netwerk. Op wifi gaat het wel.
Welke nummers staan op de wandcontactdozen?
De poort in de kast was uitgezet na een verhuizing. Hij staat weer aan.

network storing d h wan-line
Locatie heeft geen internet
Niemand hier kan nog bij internet of bij de netwerkschijven. Bellen gaat ook niet.
Branden de lampjes op het kastje van de glasvezel in de meterkast?
De leverancier heeft een breuk in de glasvezel hersteld. De lijn is getest.

network aanvraag p l -
Gastwifi voor informatieavond
Op de informatieavond verwachten we tachtig bezoekers. Graag een wificode voor die avond.
Van hoe laat tot hoe laat is de avond?
De code is aangemaakt en geldt alleen die avond.

printing storing p l printer
Printer 2e etage drukt dubbelzijdig scheef af
Dubbelzijdige afdrukken staan ongeveer een centimeter scheef. Enkelzijdig is goed.
Gebeurt het uit alle laden?
De geleiders van lade 2 stonden los. Ze zijn gesteld.

printing storing t m printer
Printer geeft steeds papierstoring
De printer op de gang geeft na elke tien bladen een papierstoring. Wij hebben de lade al leeggehaald.
Welke code staat er op het scherm van de printer?
De rollen waren versleten. De monteur heeft ze vervangen.

printing storing d m printer
Balie: kaartprinter weigert dienst
De kaartprinter aan de balie geeft ‘lint fout’ en drukt geen passen af.
Is er een nieuw lint geplaatst, en van welk merk?
Het lint was van het verkeerde type. Met het goede lint drukt hij weer af.

printing storing p m printer
Scannen naar e-mail komt niet aan
Scans die ik naar mijzelf stuur komen niet aan. Gisteren werkte het nog.
Hoe groot is de scan ongeveer?
De printer gebruikte nog een oud mailadres van de server. Dat is aangepast.

access storing p m -
Wachtwoord financieel pakket resetten
Ik ben na mijn vakantie mijn wachtwoord van het financieel pakket kwijt.
Mogen wij u terugbellen op het nummer dat bij ons bekend is?
Het wachtwoord is opnieuw ingesteld; u kiest bij de eerste keer zelf een nieuw.

access storing p h -
Account geblokkeerd na te veel pogingen
Ik kan niet meer inloggen, mijn account is geblokkeerd. Ik moet over een uur een raadsstuk afmaken.
Heeft u een telefoon met een oud wachtwoord die nog probeert in te loggen?
Het account is vrijgegeven en het oude wachtwoord op de telefoon is bijgewerkt.

access storing t m -
Dubbele accounts na fusie afdeling Sociaal Domein
Vier collega’s hebben sinds de samenvoeging twee accounts. Ze weten niet welke ze moeten gebruiken.
Welke van de twee adressen willen de collega’s houden?
De accounts zijn samengevoegd en de mail van het oude adres wordt doorgestuurd.

access aanvraag p l -
Toegang tot map Jeugd voor vervanger
Mijn vervanger heeft tijdens mijn verlof toegang nodig tot de map Jeugd.
Van welke dag tot welke dag is de vervanging?
De toegang is gegeven en stopt vanzelf na het verlof.

access storing p l -
Toegangspas werkt niet bij zij-ingang
Mijn pas opent de hoofdingang wel, maar de zij-ingang niet.
Welk nummer staat er op de achterkant van de pas?
De zij-ingang is aan uw pas toegevoegd.

other storing p m -
Archiefruimte: temperatuurmelder geeft geen waarde
De temperatuurmelder in de archiefruimte toont alleen streepjes.
Is er kortgeleden gewerkt in de ruimte?
De melder had geen stroom. Er zit een nieuwe adapter aan.

other storing t m -
Scherm in de hal toont verouderde agenda
Op het scherm in de hal staat nog de agenda van vorige week.
Ververst het scherm zich als u het uit- en aanzet?
Het scherm haalt de agenda weer elk uur op.
""")
)

NOTES = (
    "Gebeld met de leverancier, zij kijken mee.",
    "Zelfde beeld als vorige maand, zie de oplossing van toen.",
    "In de logboeken staat niets bijzonders op dat tijdstip.",
    "Op een tweede werkplek nagedaan: daar gaat het goed.",
)
REPLIES = (
    "Ik heb uw melding in behandeling en kijk er nu naar.",
    "Ik kan het nadoen. Ik laat het u weten zodra ik meer weet.",
    "We hebben iets aangepast. Wilt u het nog een keer proberen?",
)
ANSWERS = (
    "Dank u, hierbij de gegevens. Het gebeurt elke keer.",
    "Ja, dat klopt. Na opnieuw opstarten is het hetzelfde.",
    "Ik heb het geprobeerd, maar het helpt niet.",
)
REOPENINGS = (
    "Vanmorgen is het helaas weer terug.",
    "Het werkte een dag goed, nu heb ik dezelfde melding.",
)
OUTAGE = (
    "Het zaaksysteem is traag en geeft soms ‘sessie verlopen’. Een van de twee databaseservers is"
    " uitgevallen; we werken aan herstel. Sla uw werk vaak op."
)

PLANNED_WORK = (
    "Nieuwe firmware in de opslag. Een deel van de applicaties ligt stil; sla uw werk op tijd op."
)

# The municipality, the application, and what is reported.
TOGETHER = (
    (
        "Duinwijk",
        "Sociaal Domein",
        "Sociaal Domein start niet",
        "Ik krijg een wit scherm en daarna een time-out.",
    ),
    (
        "Rietwold",
        "Subsidies",
        "Subsidies: geen verbinding",
        "Sinds een paar minuten zegt het programma dat er geen verbinding is.",
    ),
)
