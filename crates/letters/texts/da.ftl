# Danish. Which messages there are, and which variables each may use, is in src/texts.rs.
# Every message may use: $reader (own, applicant, other, dead), $person, $country.

## Words that other messages are made of

file =
    { $reader ->
        [own] din journal
        [applicant] din sag
       *[other] journalen for { $person }
    }
in-name =
    { $reader ->
        [own] dit navn
        [applicant] dit navn
       *[other] navnet { $person }
    }
month =
    { $month ->
        [1] januar
        [2] februar
        [3] marts
        [4] april
        [5] maj
        [6] juni
        [7] juli
        [8] august
        [9] september
        [10] oktober
        [11] november
       *[12] december
    }
day = { $day }. { month } { $year }
time = { $hour }.{ $minute }
span-once = { $first-day } kl. { $first-time }
span-day = { $first-day } kl. { $first-time } til { $last-time }
span-days = { $first-day } kl. { $first-time } til { $last-day } kl. { $last-time }

## Around the text

label-day = Dato
label-reference = Vores reference
label-contact = Spørg efter
label-telephone = Telefon
label-code = Brevets kode
page = Side { $number } af { $count }
foot = Brevets kode { $code }
subject = Besked om brud på datasikkerheden
salutation = Kære { $name }

## The first words

lead-opened = Ja: { file } er blevet åbnet af en, der ikke havde lov til det.
lead-passed = Ja: nye oplysninger til { file } gik gennem en server, som fremmede styrede.
lead-not-opened = Nej: { file } er ikke blevet åbnet.
actor-stolen-card = Nogen brugte et stjålet kort fra en medarbejder.
actor-stolen-session = Nogen overtog en medarbejders adgang, mens den var i brug.
actor-taken-over-server = Nogen tog magten over en af vores servere.
actor-colleague = Det var en medarbejder, som ikke havde nogen grund til at se i den.
actor-other-practice = Det var en anden klinik, som ikke havde nogen grund til at se i den.
actor-unknown = Vi ved ikke, hvem det var.
sorry = Det er vi kede af. Det var vores opgave at passe på { file }.
reader-minor = Vi skriver til dig, fordi du er forælder til eller værge for { $person }.
reader-guardian = Vi skriver til dig, fordi du er værge for { $person }.
reader-dead = Vi skriver til dig, fordi du er nær pårørende til { $person }, som er død. Vi er kede af at forstyrre dig i din sorg.
reader-deputy = Vi skriver til dig, fordi { $person } har valgt dig til at se efter sin journal.
reader-professional = Vi skriver til dig, fordi du har søgt om et kort til dit arbejde.
reader-not-opened = Andre journaler er blevet åbnet, og det vil du høre om. Derfor har vi set efter, og vi siger det nu: Denne blev ikke rørt. Du skal ikke gøre noget.

## The five headings

heading-happened = Hvad er der sket?
heading-information = Hvilke oplysninger drejer det sig om?
heading-doing = Hvad gør vi?
heading-steps = Hvad kan du gøre?
heading-more = Mere hjælp

## What happened

dates = Det begyndte den { $from }. Det var slut den { $to }. Vi opdagede det den { $discovered }.
dates-day = Det hele skete den { $from }. Vi opdagede det den { $discovered }.
dates-same-day = Det hele skete den { $from }. Vi opdagede det samme dag.
delayed = Politiet bad os vente med dette brev til den { $until }.

## What information was involved

opened-intro = Disse dele af { file } blev åbnet:
head-part = Del af journalen
head-when = Hvornår den blev åbnet
section-label = Navn og fødselsdato
section-contact = Adresse, telefon og pårørende
section-identity =
    { $country ->
        [DK] CPR-nummer og andre numre
        [US] Social Security-nummer og andre numre
       *[other] Nummer hos forsikringen og andre numre
    }
section-insurance = Forsikring og regninger
section-history = Sygdomme, besøg, operationer, allergi og vacciner
section-results = Prøvesvar og rapporter
section-medication = Medicin
section-documents = Breve, dokumenter og billeder
section-restricted = Psykiatri, sex og samliv, gener, alkohol og stoffer
section-summary = Den korte journal til akut hjælp
section-applicant-label = Navn og fødselsdato
section-applicant-contact = Adresse, telefon og e-mail
section-applicant-identity = Numre på dit pas eller andre id-papirer
section-applicant-documents = Papirer, som fulgte med din ansøgning
section-passed = { $section } (nye oplysninger, som gik gennem serveren)
cell-actor = { $when }. { $actor }
not-opened-intro = Disse dele blev ikke åbnet:
not-opened-none = Der er ikke andre dele i { file }.
heading-know = Det ved vi
know-opened = Vores log får en linje, før nogen del af en journal kan åbnes. Derfor mangler der intet på listen.
know-not-opened = Vores log får en linje, før nogen del af en journal kan åbnes. Der står ingen forkert linje om { file }.
know-in-doubt = Fremmede styrede den del af vores system, som fører loggen. Derfor regner vi alle dele med, som de kunne åbne.
heading-unknown = Det ved vi ikke
unknown-copy = Vi ved ikke, om nogen har gemt en kopi.
unknown-shared = Vi ved ikke, om nogen har vist det til andre.
heading-risks = Det kan der komme ud af det
risk-blackmail = Afpresning: Nogen kræver penge og truer med at vise det til alle.
risk-recognised = Sladder: Nogen fortæller andre om en sygdom eller en behandling.
risk-claims = Falske regninger: Nogen får hjælp eller medicin i { in-name }.
risk-entries = Forkerte linjer: En fremmeds sygdom kommer til at stå i journalen, og det kan føre til forkert hjælp.
risk-debts = Gæld: Nogen låner eller køber i { in-name }.
risk-fraud = Falske opkald: Nogen ringer eller skriver, ved meget og virker derfor ægte.
risk-card = Et falskt kort: Nogen søger om et kort i dit navn.

## What we are doing

protection = Vi betaler for hjælp: { $what } Den kommer fra { $provider }, er gratis i { $months } måneder og kræver intet betalingskort.
protection-code = Din kode til den er { $code }. Den virker til og med den { $until }.
protection-reach = Ring på { $telephone }, eller skriv { $page } i din browser.

## What you can do

when-today = I dag
when-month = I denne måned
when-happens = Hvis det sker
step-detail = Tid: { $effort }. Pris: { $cost }. { $reach }

## For more information

contact = Spørg efter { $contact }. Ring på { $telephone }. { $hours } Eller skriv til { $email }.
formats = Ring til os, hvis du vil have brevet med store bogstaver, læst op eller på et andet sprog.
officer = Vores rådgiver om databeskyttelse er { $officer }.
complain = Du har ret til at klage over os til { $authority }: { $contact }.
heading-real = Er brevet ægte?
never-ring = Vi ringer aldrig og beder om koder eller penge. Hvis nogen gør det, så læg på og ring til os.
check = Vil du se, om brevet er ægte? Skriv { $page } i din browser, og tast koden { $code }. Eller ring på { $telephone }.
regards = Venlig hilsen
