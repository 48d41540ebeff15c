# German. Which messages there are, and which variables each may use, is in src/texts.rs.
# Every message may use: $reader (own, applicant, other, dead), $person, $country.

## Words that other messages are made of

file =
    { $reader ->
        [own] Ihre Akte
        [applicant] Ihre Akte
       *[other] die Akte von { $person }
    }
file-dative =
    { $reader ->
        [own] Ihrer Akte
        [applicant] Ihrer Akte
       *[other] der Akte von { $person }
    }
in-name =
    { $reader ->
        [own] Ihrem Namen
        [applicant] Ihrem Namen
       *[other] dem Namen von { $person }
    }
month =
    { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }
day = { $day }. { month } { $year }
time = { $hour }:{ $minute }
span-once = { $first-day }, { $first-time } Uhr
span-day = { $first-day }, { $first-time } bis { $last-time } Uhr
span-days = { $first-day }, { $first-time } Uhr bis { $last-day }, { $last-time } Uhr

## Around the text

label-day = Datum
label-reference = Unser Zeichen
label-contact = Fragen Sie nach
label-telephone = Telefon
label-code = Code des Briefs
page = Seite { $number } von { $count }
foot = Code des Briefs { $code }
subject = Mitteilung über eine Verletzung des Datenschutzes
salutation = Guten Tag { $name },

## The first words

lead-opened = Ja: Jemand hat { file } geöffnet und durfte das nicht.
lead-passed = Ja: Neue Einträge für { file } liefen über einen Server, den Fremde in der Hand hatten.
lead-not-opened = Nein: Niemand hat { file } unbefugt geöffnet.
actor-stolen-card = Jemand hat eine gestohlene Karte aus unserem Team benutzt.
actor-stolen-session = Jemand hat den laufenden Zugang einer Person aus unserem Team an sich gebracht.
actor-taken-over-server = Jemand hat einen unserer Server an sich gebracht.
actor-colleague = Es war eine Person aus unserem Team. Sie hatte keinen Grund dafür.
actor-other-practice = Es war eine andere Praxis. Sie hatte keinen Grund dafür.
actor-unknown = Wir wissen nicht, wer es war.
sorry = Das tut uns leid. Wir hätten { file } schützen müssen.
reader-minor = Wir schreiben Ihnen, weil Sie für { $person } sorgen: als Mutter, Vater oder Vormund.
reader-guardian = Wir schreiben Ihnen, weil Sie { $person } rechtlich betreuen.
reader-dead = Wir schreiben Ihnen, weil Sie { $person } nahe standen und { $person } gestorben ist. Es tut uns leid, dass wir Sie in der Trauer stören.
reader-deputy = Wir schreiben Ihnen, weil { $person } Sie gewählt hat, um auf diese Akte zu achten.
reader-professional = Wir schreiben Ihnen, weil Sie einen Ausweis für Ihren Beruf beantragt haben.
reader-not-opened = Andere Akten wurden geöffnet, und Sie werden davon hören. Darum haben wir nachgesehen und sagen es Ihnen jetzt: Diese blieb zu. Sie müssen nichts tun.

## The five headings

heading-happened = Was ist passiert?
heading-information = Um welche Daten geht es?
heading-doing = Was tun wir?
heading-steps = Was können Sie tun?
heading-more = Mehr Hilfe

## What happened

dates = Es begann am { $from }. Es war am { $to } vorbei. Wir haben es am { $discovered } bemerkt.
dates-day = Alles geschah am { $from }. Wir haben es am { $discovered } bemerkt.
dates-same-day = Alles geschah am { $from }. Wir haben es am selben Tag bemerkt.
delayed = Die Polizei bat uns, mit diesem Brief bis zum { $until } zu warten.

## What information was involved

opened-intro = Diese Teile von { file-dative } wurden geöffnet:
head-part = Teil der Akte
head-when = Wann er offen war
section-label = Name und Tag der Geburt
section-contact = Adresse, Telefon und nahe Personen
section-identity =
    { $country ->
        [DK] CPR-Nummer und andere Nummern
        [US] Social-Security-Nummer und andere Nummern
       *[other] Nummer der Kasse und andere Nummern
    }
section-insurance = Kasse, Anträge und Rechnungen
section-history = Krankheiten, Eingriffe, Allergien, Impfungen
section-results = Werte aus dem Labor und Befunde
section-medication = Medikamente
section-documents = Briefe, Dokumente und Bilder
section-restricted = Seele, Sexualität, Gene, Alkohol und Drogen
section-summary = Die kurze Akte für Notfälle
section-applicant-label = Name und Tag der Geburt
section-applicant-contact = Adresse, Telefon und E-Mail
section-applicant-identity = Nummern Ihrer Ausweise
section-applicant-documents = Papiere zu Ihrem Antrag
section-passed = { $section } (neue Einträge, die über den Server liefen)
cell-actor = { $when }. { $actor }
not-opened-intro = Diese Teile blieben zu:
not-opened-none = Mehr Teile gibt es in { file-dative } nicht.
heading-know = Das wissen wir
know-opened = Bevor ein Teil einer Akte aufgeht, steht er in unserem Protokoll. Darum fehlt hier nichts.
know-not-opened = Bevor ein Teil einer Akte aufgeht, steht er in unserem Protokoll. Zu { file-dative } steht dort nichts Unbefugtes.
know-in-doubt = Fremde hatten den Teil unserer Technik in der Hand, der das Protokoll führt. Darum zählen wir alle Teile mit, die sie öffnen konnten.
heading-unknown = Das wissen wir nicht
unknown-copy = Wir wissen nicht, ob jemand eine Kopie behalten hat.
unknown-shared = Wir wissen nicht, ob jemand sie anderen gezeigt hat.
heading-risks = Was daraus werden kann
risk-blackmail = Erpressung: Jemand will Geld und droht, alles öffentlich zu machen.
risk-recognised = Gerede: Jemand erzählt anderen von einer Krankheit oder Behandlung.
risk-claims = Falsche Rechnungen: Jemand holt sich Hilfe oder Medikamente unter { in-name }.
risk-entries = Falsche Einträge: Die Krankheit einer fremden Person steht dann in dieser Akte und kann zu falscher Hilfe führen.
risk-debts = Schulden: Jemand leiht Geld oder kauft unter { in-name }.
risk-fraud = Falsche Anrufe: Jemand ruft an oder schreibt, weiß viel und wirkt darum echt.
risk-card = Ein falscher Ausweis: Jemand beantragt eine Karte unter Ihrem Namen.

## What we are doing

protection = Wir zahlen für Hilfe: { $what } Sie kommt von { $provider }, ist { $months } Monate lang frei und braucht keine Bankkarte.
protection-code = Ihr Code dafür ist { $code }. Er gilt bis zum { $until }.
protection-reach = Rufen Sie { $telephone } an oder tippen Sie { $page } in den Browser.

## What you can do

when-today = Heute
when-month = In diesem Monat
when-happens = Wenn es passiert
step-detail = Zeit: { $effort }. Preis: { $cost }. { $reach }

## For more information

contact = Fragen Sie nach { $contact }. Rufen Sie { $telephone } an. { $hours } Oder schreiben Sie an { $email }.
formats = Rufen Sie an, wenn Sie den Brief in großer Schrift, vorgelesen oder in einer anderen Sprache möchten.
officer = Für den Datenschutz ist bei uns da: { $officer }.
complain = Sie dürfen sich über uns beschweren. Das geht bei: { $authority }, { $contact }.
heading-real = Ist der Brief echt?
never-ring = Wir rufen nie an und fragen nach Codes oder Geld. Wenn es jemand tut: Legen Sie auf und rufen Sie uns an.
check = So prüfen Sie den Brief: Tippen Sie { $page } in den Browser. Geben Sie dort den Code { $code } ein. Oder rufen Sie { $telephone } an.
regards = Mit freundlichen Grüßen
