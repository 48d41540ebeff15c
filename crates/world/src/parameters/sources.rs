//! Where the numbers come from.

pub(super) const ASSUMED: &str = "assumed";
pub(super) const DENMARK: &str = "Sundhedsdatastyrelsen, almen praksis (2014 data)";
pub(super) const NURSES: &str =
    "assumed, to meet the patients per trained nurse of 4open fopen180044 table 4";
pub(super) const BOXWALA: &str = "\
    assumed; far more often than chance, after Boxwala et al., JAMIA 2011 (PMC3128412) \
    and Hedda et al., AMIA 2017 (PMC5977720)";
pub(super) const ARNDT: &str =
    "Arndt et al., Ann Fam Med 2017: 24 % of record work falls outside 8 to 18";
pub(super) const CHART: &str = "assumed, to meet the files a day of docs/world.md, table of roles";
pub(super) const UNEXPLAINED: &str = "\
    assumed, so that all unexplained openings of the role together meet docs/world.md, \
    table of roles (Fabbri and LeFevre, VLDB 2011 and JAMIA 2013: 94 % explained)";
pub(super) const MIMIC: &str =
    "MIMIC-IV demo: documenting staff of an admission, 95th percentile 40";
pub(super) const KBV: &str = "KBV: 330,000 assistants for 187,441 doctors; split assumed";
pub(super) const BEDS: &str = "assumed: 5 beds per 1,000 people, near the average of the EU";
pub(super) const SHIFT: &str =
    "assumed, to meet 13 to 21 new patients a shift (Emerg Med J 35/5/317)";
pub(super) const PSNET: &str = "assumed; error risk rises above 400 orders a shift (AHRQ PSNet)";
pub(super) const AHIMA: &str = "assumed; 24 inpatient records a day (AHIMA 2012)";
pub(super) const DENMARK_CONTACTS: &str =
    "Sundhedsdatastyrelsen, almen praksis: 49 a day per doctor with 1,600 people";
pub(super) const DENMARK_VISITS: &str = "Sundhedsdatastyrelsen, almen praksis: 28 of 49";
pub(super) const NOTICES: &str = "\
    assumed; 76.9 notices a day in the USA (PMC4860883), most of them opened with a \
    contact";
pub(super) const SEPSIS: &str =
    "assumed; 30 % between 20 and 8, 29 % at weekends (public sepsis event log)";
pub(super) const ONE_DAY: &str = "\
    assumed; half of the staff and patient pairs of a stay exist on one day only (MIMIC- \
    IV demo)";
pub(super) const ABDA: &str = "ABDA 2015: 3.6 million a day in 20,249 pharmacies";
pub(super) const GERMANY: &str =
    "assumed; Germany's national record gives pharmacies three days for a card read";
pub(super) const LAGGING: &str = "\
    assumed; the Danish treatment-relation service checks again later because registers \
    lag (nspop.dk, BRS)";
pub(super) const LAG: &str = "assumed: 95 % have come when the lag is over";
pub(super) const READER: &str =
    "assumed; the Danish doctor of 2017 to 2022 was found by one reader of the own log";
