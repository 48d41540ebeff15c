# English. Which messages there are, and which variables each may use, is in src/texts.rs.
# Every message may use: $reader (own, applicant, other, dead), $person, $country.

## Words that other messages are made of

file =
    { $reader ->
        [own] your file
        [applicant] your file
       *[other] the file of { $person }
    }
in-name =
    { $reader ->
        [own] your name
        [applicant] your name
       *[other] the name of { $person }
    }
month =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
day =
    { $country ->
        [US] { month } { $day }, { $year }
       *[other] { $day } { month } { $year }
    }
time =
    { $country ->
        [US]
            { $half ->
                [am] { $hour12 }:{ $minute } a.m.
               *[pm] { $hour12 }:{ $minute } p.m.
            }
       *[other] { $hour }:{ $minute }
    }
span-once = { $first-day }, { $first-time }
span-day = { $first-day }, { $first-time } to { $last-time }
span-days = { $first-day }, { $first-time } to { $last-day }, { $last-time }

## Around the text

label-day = Date
label-reference = Our reference
label-contact = Ask for
label-telephone = Telephone
label-code = Letter code
page = Page { $number } of { $count }
foot = Letter code { $code }
subject = Notice of data breach
salutation = Dear { $name },

## The first words

lead-opened = Yes: { file } was opened by someone who had no right to do so.
lead-passed = Yes: new entries for { file } passed through a server that strangers controlled.
lead-not-opened = No: { file } was not opened.
actor-stolen-card = Somebody used a stolen card of a member of staff.
actor-stolen-session = Somebody took over the work session of a member of staff.
actor-taken-over-server = Somebody took over one of our servers.
actor-colleague = It was a member of staff who had no reason to look.
actor-other-practice = It was another practice that had no reason to look.
actor-unknown = We do not know who it was.
sorry = We are sorry. It was our job to keep { file } safe.
reader-minor = We write to you because you are a parent or guardian of { $person }.
reader-guardian = We write to you because you are the guardian of { $person }.
reader-dead = We write to you because you are the next of kin of { $person }, who has died. We are sorry to trouble you in your loss.
reader-deputy = We write to you because { $person } chose you to look after this file.
reader-professional = We write to you because you applied for a professional card.
reader-not-opened = Other files were opened, and you will hear about it. So we looked, and we tell you now: this one was not touched. You need to do nothing.

## The five headings

heading-happened = What happened
heading-information = What information was involved
heading-doing = What we are doing
heading-steps = What you can do
heading-more = For more information

## What happened

dates = It began on { $from }. It was over on { $to }. We found out on { $discovered }.
dates-day = It all happened on { $from }. We found out on { $discovered }.
dates-same-day = It all happened on { $from }. We found out on the same day.
delayed = The police asked us to wait with this letter until { $until }.

## What information was involved

opened-intro = These parts of { file } were opened:
head-part = Part of the file
head-when = When it was opened
section-label = Name and date of birth
section-contact = Address, phone number and next of kin
section-identity =
    { $country ->
        [DK] The CPR number and other numbers
        [US] The Social Security number and other numbers
       *[other] Insurance number and other numbers
    }
section-insurance = Insurance, claims and bills
section-history = Illnesses, visits, operations, allergies and vaccines
section-results = Test results and reports
section-medication = Medicines
section-documents = Letters, documents and images
section-restricted = Mental health, sexual health, genes, alcohol and drugs
section-summary = The short record for emergencies
section-applicant-label = Name and date of birth
section-applicant-contact = Address, phone number and e-mail
section-applicant-identity = Numbers of your identity papers
section-applicant-documents = Papers that came with your application
section-passed = { $section } (new entries that passed through the server)
cell-actor = { $when }. { $actor }
not-opened-intro = These parts were not opened:
not-opened-none = There are no other parts in { file }.
heading-know = What we know
know-opened = Our log gets an entry before any part of a file opens. So this list is complete.
know-not-opened = Our log gets an entry before any part of a file opens. It has no wrong entry for { file }.
know-in-doubt = Strangers held the part of our system that keeps the log. So we count every part that they could open.
heading-unknown = What we do not know
unknown-copy = We do not know if somebody kept a copy.
unknown-shared = We do not know if somebody showed it to others.
heading-risks = What can come of it
risk-blackmail = Blackmail: somebody asks for money and says they will make it public.
risk-recognised = Gossip: somebody tells others about an illness or a treatment.
risk-claims = False bills: somebody gets care or drugs in { in-name }.
risk-entries = Wrong entries: the care of a stranger then stands in this file, and can lead to wrong care.
risk-debts = Debts: somebody borrows or buys in { in-name }.
risk-fraud = False calls: somebody calls or writes, knows a lot, and so seems real.
risk-card = A false card: somebody asks for a professional card in your name.

## What we are doing

protection = We pay for help: { $what } It is from { $provider }, is free for { $months } months, and asks for no bank card.
protection-code = Your code for it is { $code }. It works until { $until }.
protection-reach = Call { $telephone } or type in { $page }.

## What you can do

when-today = Today
when-month = This month
when-happens = If it happens
step-detail = Time: { $effort }. Cost: { $cost }. { $reach }

## For more information

contact = Ask for { $contact }. Call { $telephone }. { $hours } Or write to { $email }.
formats = Call us if you want this letter in large print, read out to you, or in another language.
officer = Our data protection officer is { $officer }.
complain = You have the right to complain about us to { $authority }: { $contact }.
heading-real = Is this letter real?
never-ring = We will never call you to ask for codes, passwords or money. If somebody does, hang up and call us.
check = To check this letter, type { $page } into your browser and enter the code { $code }. Or call { $telephone }.
regards = Kind regards
