//! Every number of the world, with its range and its source.
//!
//! A source is a publication or an authority. *Assumed* means that nobody was found who counted
//! it. docs/world.md repeats this table; a test compares the two.

use serde::{Deserialize, Serialize};

/// One parameter as the documentation shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Its name in a world file.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// What it is unless a world file says otherwise.
    pub value: f64,
    /// Least allowed.
    pub least: f64,
    /// Most allowed.
    pub most: f64,
    /// Where the value comes from.
    pub source: &'static str,
}

macro_rules! parameters {
    ($($name:ident = $value:literal, $least:literal, $most:literal, $what:literal, $source:expr;)*) => {
        /// Every number of the world.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Parameters { $(#[doc = $what] pub $name: f64,)* }

        impl Default for Parameters {
            fn default() -> Parameters {
                Parameters { $($name: $value,)* }
            }
        }

        impl Parameters {
            /// The table.
            pub const TABLE: &'static [Row] = &[$(Row {
                name: stringify!($name), what: $what, value: $value, least: $least, most: $most,
                source: $source,
            },)*];

            /// The values, in the order of the table.
            pub fn values(&self) -> Vec<f64> {
                vec![$(self.$name,)*]
            }
        }
    };
}

const ASSUMED: &str = "assumed";
const DENMARK: &str = "Sundhedsdatastyrelsen, almen praksis (2014 data)";
const NURSES: &str = "assumed, to meet the patients per trained nurse of 4open fopen180044 table 4";
const BOXWALA: &str = "assumed; far more often than chance, after Boxwala et al., JAMIA 2011 \
     (PMC3128412) and Hedda et al., AMIA 2017 (PMC5977720)";
const ARNDT: &str = "Arndt et al., Ann Fam Med 2017: 24 % of record work falls outside 8 to 18";
const CHART: &str = "assumed, to meet the files a day of docs/world.md, table of roles";
const UNEXPLAINED: &str = "assumed, so that all unexplained openings of the role together meet \
     docs/world.md, table of roles (Fabbri and LeFevre, VLDB 2011 and JAMIA 2013: 94 % explained)";

parameters! {
    // People.
    town_people = 20000.0, 1000.0, 500000.0, "People of a town.", ASSUMED;
    street_households = 40.0, 5.0, 500.0, "Households of a street.", ASSUMED;
    surnames = 8000.0, 100.0, 60000.0, "Different surnames.", ASSUMED;
    surname_steepness = 1.0, 0.0, 1.5, "How much the frequent surnames outweigh the rare (exponent of the rank).", ASSUMED;
    surname_kin = 0.15, 0.0, 0.9, "Households with relatives of the same surname in the same town.", ASSUMED;
    surname_second = 0.12, 0.0, 1.0, "Partners who keep another surname.", ASSUMED;
    practice_near = 0.92, 0.0, 1.0, "Households registered with a practice of their own town.", ASSUMED;
    staff_near = 0.6, 0.0, 1.0, "Staff of practices and pharmacies who live in its town.", ASSUMED;
    moves_a_year = 0.05, 0.0, 0.5, "People who change their practice in a year.", ASSUMED;
    deaths_a_year = 0.01, 0.0, 0.1, "People who die in a year.", ASSUMED;
    vip_people = 0.00002, 0.0, 0.001, "People known to everybody.", ASSUMED;
    vip_admissions_a_year = 2.0, 0.0, 50.0, "Admissions of each of them in a year.", ASSUMED;
    vip_team = 40.0, 5.0, 200.0, "Staff who really treat such a patient.", "MIMIC-IV demo: documenting staff of an admission, 95th percentile 40";

    // Staff.
    people_per_doctor = 1600.0, 500.0, 5000.0, "People per doctor of a practice.", DENMARK;
    practice_nurses = 0.95, 0.1, 5.0, "Nurses per doctor of a practice.", "KBV: 330,000 assistants for 187,441 doctors; split assumed";
    practice_receptionists = 1.0, 0.1, 5.0, "Receptionists per doctor of a practice.", "KBV: 330,000 assistants for 187,441 doctors; split assumed";
    ward_beds = 21.0, 5.0, 100.0, "Beds of a ward.", "assumed: 5 beds per 1,000 people, near the average of the EU";
    ward_nurses = 34.0, 5.0, 200.0, "Nurses of a ward.", NURSES;
    ward_doctors = 16.0, 3.0, 100.0, "Doctors of a ward and its clinic.", ASSUMED;
    ward_secretaries = 7.0, 1.0, 50.0, "Secretaries of a ward.", ASSUMED;
    ward_nurses_day = 7.0, 1.0, 50.0, "Nurses for the beds, by day.", NURSES;
    ward_nurses_evening = 5.0, 1.0, 50.0, "Nurses for the beds, in the evening.", NURSES;
    ward_nurses_night = 3.0, 1.0, 50.0, "Nurses for the beds, at night.", NURSES;
    clinic_nurses = 3.0, 0.0, 50.0, "Nurses of a clinic, on weekdays.", ASSUMED;
    ward_doctors_day = 7.0, 1.0, 50.0, "Doctors of a ward and its clinic, on weekdays.", ASSUMED;
    ward_doctors_night = 1.0, 1.0, 20.0, "Doctors of a ward on call, nights and weekends.", ASSUMED;
    emergency_doctors = 10.0, 4.0, 200.0, "Doctors of an emergency department, for 60 arrivals a day.", "assumed, to meet 13 to 21 new patients a shift (Emerg Med J 35/5/317)";
    emergency_nurses = 44.0, 6.0, 300.0, "Nurses of an emergency department, for 60 arrivals a day.", ASSUMED;
    emergency_secretaries = 10.0, 1.0, 50.0, "Secretaries of an emergency department.", ASSUMED;
    desk_staff = 20.0, 4.0, 200.0, "Receptionists of an admission desk, for 30 wards.", ASSUMED;
    pharmacy_staff = 9.0, 2.0, 50.0, "Pharmacists of a pharmacy.", ASSUMED;
    hospital_pharmacists = 11.0, 2.0, 100.0, "Pharmacists of a hospital of 30 wards.", "assumed; error risk rises above 400 orders a shift (AHRQ PSNet)";
    laboratory_staff = 44.0, 2.0, 500.0, "Staff of the laboratory, for 250,000 people.", ASSUMED;
    radiology_staff = 22.0, 2.0, 200.0, "Staff of a radiology, for 30 wards.", ASSUMED;
    research_staff = 12.0, 2.0, 100.0, "Staff of the research unit.", ASSUMED;
    coders = 16.0, 2.0, 100.0, "Coders of a hospital of 30 wards.", "assumed; 24 inpatient records a day (AHIMA 2012)";
    support_staff = 10.0, 2.0, 100.0, "Staff of technical support.", ASSUMED;
    part_time = 0.35, 0.0, 1.0, "Staff who work part-time.", ASSUMED;
    part_time_share = 0.6, 0.1, 1.0, "How much of the time they work.", ASSUMED;
    absent = 0.14, 0.0, 0.9, "Staff on leave or ill, of any week.", ASSUMED;
    turnover_a_year = 0.12, 0.0, 1.0, "Staff who leave in a year and are replaced.", ASSUMED;
    ward_changes_a_year = 0.06, 0.0, 1.0, "Nurses and doctors of wards who change to another in a year.", ASSUMED;
    locums_a_year = 3.0, 0.0, 50.0, "Locums of a practice in a year, of two weeks each.", ASSUMED;

    // Practices.
    contacts_a_year = 7.6, 0.5, 50.0, "Contacts of a person with the practice in a year.", "Sundhedsdatastyrelsen, almen praksis: 49 a day per doctor with 1,600 people";
    attender_skew = 1.9, 1.0, 6.0, "How much frequent attenders outweigh others (1: not at all).", ASSUMED;
    visit_share = 0.57, 0.0, 1.0, "Contacts in person.", "Sundhedsdatastyrelsen, almen praksis: 28 of 49";
    message_share = 0.22, 0.0, 1.0, "Contacts by the patient's own message; the rest are calls.", ASSUMED;
    visit_booked = 0.7, 0.0, 1.0, "Visits booked on an earlier day.", ASSUMED;
    booked_by_patient = 0.55, 0.0, 1.0, "Of those, booked by the patient with the own card.", ASSUMED;
    booking_lead_days = 5.0, 0.5, 60.0, "Mean days from booking to visit.", ASSUMED;
    practice_presence = 0.93, 0.0, 1.0, "Visits at which the patient's card or phone is read.", ASSUMED;
    presence_code = 0.03, 0.0, 1.0, "Of presences, those by a one-time code.", ASSUMED;
    visit_receptionist = 0.85, 0.0, 1.0, "Visits for which a receptionist opens the file.", CHART;
    visit_nurse = 0.8, 0.0, 1.0, "Visits for which a nurse opens the file.", CHART;
    visit_doctor = 0.9, 0.0, 1.0, "Visits for which a doctor opens the file.", CHART;
    call_receptionist = 0.85, 0.0, 1.0, "Calls and messages for which a receptionist opens the file.", CHART;
    call_nurse = 0.4, 0.0, 1.0, "Calls and messages for which a nurse opens the file.", CHART;
    call_doctor = 0.75, 0.0, 1.0, "Calls and messages for which a doctor opens the file.", CHART;
    inbox = 0.28, 0.0, 2.0, "Results and letters that come in, for each contact.", "assumed; 76.9 notices a day in the USA (PMC4860883), most of them opened with a contact";
    laboratory_orders = 0.14, 0.0, 1.0, "Visits with an order to the laboratory.", ASSUMED;
    referrals = 0.05, 0.0, 1.0, "Contacts with a referral to a clinic.", ASSUMED;
    direct_admissions = 0.003, 0.0, 0.1, "Contacts that end in an admission.", ASSUMED;
    home_evening = 0.25, 0.0, 1.0, "Doctors who go on at home in the evening.", ARNDT;
    home_files = 5.0, 0.0, 50.0, "Mean files they open there.", ARNDT;
    call_service_files = 0.00008, 0.0, 0.01, "Calls out of hours to the doctor on call, a day, for each person of the list.", ASSUMED;
    campaigns_a_year = 2.0, 0.0, 50.0, "Campaigns of a practice in a year.", ASSUMED;
    campaign_least = 200.0, 1.0, 5000.0, "Least files of a campaign.", ASSUMED;
    campaign_most = 500.0, 1.0, 5000.0, "Most files of a campaign.", ASSUMED;
    take_overs_a_year = 0.1, 0.0, 5.0, "Practices that take over a part of another's list, in a year.", ASSUMED;
    take_over_late = 0.2, 0.0, 1.0, "Take-overs where the list is approved only afterwards.", ASSUMED;
    take_over_files = 150.0, 0.0, 2000.0, "Files opened in the first days of a take-over.", ASSUMED;
    influenza_factor = 1.6, 1.0, 5.0, "Contacts at the peak of influenza.", ASSUMED;
    influenza_day = 40.0, 0.0, 364.0, "Day of the year of the peak.", ASSUMED;
    influenza_days = 35.0, 1.0, 180.0, "Days that the wave lasts.", ASSUMED;

    // Hospitals.
    stay_days = 6.0, 1.0, 30.0, "Mean days of a stay.", ASSUMED;
    arrivals_a_year = 0.18, 0.01, 2.0, "Arrivals at an emergency department, for each person and year.", "assumed; 30 % between 20 and 8, 29 % at weekends (public sepsis event log)";
    arrival_admitted = 0.3, 0.0, 1.0, "Arrivals that are admitted.", ASSUMED;
    arrival_presence = 0.75, 0.0, 1.0, "Arrivals whose card or phone is read.", ASSUMED;
    arrival_unidentified = 0.02, 0.0, 1.0, "Arrivals without identity at first.", ASSUMED;
    emergency_nurse_files = 0.3, 0.0, 1.0, "Of the day's arrivals, those that a nurse opens beside the own.", CHART;
    emergency_doctor_files = 0.22, 0.0, 1.0, "Of the day's arrivals, those that a doctor opens beside the own.", CHART;
    clinic_presence = 0.9, 0.0, 1.0, "Visits at a clinic at which the card or phone is read.", ASSUMED;
    clinic_follow_up = 0.5, 0.0, 0.95, "Visits at a clinic, and discharges, with a next appointment.", ASSUMED;
    clinic_admitted = 0.14, 0.0, 1.0, "Visits at a clinic that lead to a planned admission.", ASSUMED;
    clinic_lead_days = 25.0, 1.0, 60.0, "Mean days until an appointment or a planned admission.", ASSUMED;
    nurse_own = 0.97, 0.0, 1.0, "Chance that a nurse opens the file of an own inpatient.", CHART;
    nurse_others = 0.7, 0.0, 1.0, "Chance that a nurse opens the file of another inpatient of the ward.", CHART;
    doctor_inpatients = 0.62, 0.0, 1.0, "Chance that a doctor of the day opens the file of an inpatient.", CHART;
    doctor_clinic = 0.45, 0.0, 1.0, "Chance that a doctor of the day opens the file of a clinic patient.", CHART;
    nurse_clinic = 0.9, 0.0, 1.0, "Clinic patients whose file each nurse of the clinic opens.", CHART;
    doctor_inbox = 4.0, 0.0, 100.0, "Results and letters of recent patients, for each doctor and day.", CHART;
    doctor_night = 0.7, 0.0, 1.0, "Chance that the doctor on call opens the file of an inpatient.", CHART;
    secretary_files = 30.0, 0.0, 200.0, "Mean recent patients for whom a secretary of a ward works, a day.", ASSUMED;
    ward_laboratory = 0.6, 0.0, 5.0, "Orders to the laboratory, for each inpatient and day.", ASSUMED;
    ward_radiology = 0.35, 0.0, 5.0, "Orders to radiology, for each inpatient and day.", ASSUMED;
    clinic_radiology = 0.3, 0.0, 1.0, "Clinic visits and arrivals with an order to radiology.", ASSUMED;
    ward_pharmacy = 0.9, 0.0, 5.0, "Checks by a hospital pharmacist, for each inpatient and day.", ASSUMED;
    laboratory_openers = 1.5, 0.0, 5.0, "Mean staff who open a file for one order to the laboratory.", ASSUMED;
    radiology_openers = 2.2, 0.0, 5.0, "Mean staff who open a file for one order to radiology.", ASSUMED;
    coding_delay_days = 18.0, 1.0, 60.0, "Mean days from discharge or visit to coding.", "assumed: weeks";
    coding_outpatients = 0.8, 0.0, 1.0, "Clinic visits that a coder codes.", ASSUMED;
    handover = 0.9, 0.0, 1.0, "Days on which somebody opens the whole ward within ten minutes.", ASSUMED;
    teaching_a_week = 0.7, 0.0, 7.0, "Teaching rounds of a ward in a week.", ASSUMED;
    teaching_people = 8.0, 2.0, 30.0, "Staff at a teaching round.", ASSUMED;
    consults = 0.06, 0.0, 1.0, "Consults by another ward, for each inpatient and day.", "assumed; half of the staff and patient pairs of a stay exist on one day only (MIMIC-IV demo)";
    transfers = 0.05, 0.0, 1.0, "Inpatients moved to another ward, a day.", ASSUMED;
    expected_openers = 0.5, 0.0, 10.0, "Mean staff of a ward who open the file before the admission is recorded.", ASSUMED;

    // Pharmacies, research, quality, support.
    customers = 178.0, 5.0, 2000.0, "Customers of a pharmacy a day.", "ABDA 2015: 3.6 million a day in 20,249 pharmacies";
    customer_file = 1.9, 0.0, 5.0, "Mean pharmacists who open a customer's file.", CHART;
    counter_presence = 0.95, 0.0, 1.0, "Customers whose card is read at the counter.", "assumed; Germany's national record gives pharmacies three days for a card read";
    counter_order = 0.5, 0.0, 1.0, "Of the others, those who had ordered with the own phone.", ASSUMED;
    counter_near = 0.85, 0.0, 1.0, "Customers who live in the pharmacy's town.", ASSUMED;
    cohort_days = 90.0, 5.0, 400.0, "Days between approved cohorts.", ASSUMED;
    cohort_people = 0.004, 0.0, 0.2, "People of a cohort, of all.", ASSUMED;
    cohort_files = 25.0, 0.0, 500.0, "Mean files of the cohort that a researcher opens a day.", ASSUMED;
    audits_a_year = 6.0, 0.0, 100.0, "Audits of a ward or practice in a year.", ASSUMED;
    audit_files = 30.0, 1.0, 1000.0, "Mean files of an audit.", ASSUMED;
    complaints_a_year = 6.0, 0.0, 500.0, "Complaints of a ward or practice in a year.", ASSUMED;
    support_tests = 6.0, 0.0, 200.0, "Mean test files that support opens, for each of its staff and day.", ASSUMED;
    test_files = 20.0, 1.0, 500.0, "Files of made-up patients for tests.", ASSUMED;

    // Unexplained openings: means of a staff-day in the base climate, beside those by late evidence.
    stray_practice = 0.75, 0.0, 20.0, "By staff of practices.", UNEXPLAINED;
    stray_ward_nurse = 0.9, 0.0, 20.0, "By nurses and secretaries of wards.", UNEXPLAINED;
    stray_ward_doctor = 1.1, 0.0, 20.0, "By doctors of wards.", UNEXPLAINED;
    stray_emergency = 1.0, 0.0, 20.0, "By staff of emergency departments.", UNEXPLAINED;
    stray_pharmacy = 0.9, 0.0, 20.0, "By pharmacists.", UNEXPLAINED;
    stray_worklist = 0.35, 0.0, 20.0, "By staff with worklists.", UNEXPLAINED;
    stray_support = 0.3, 0.0, 20.0, "By support.", UNEXPLAINED;
    spell_days = 150.0, 5.0, 10000.0, "Staff-days between spells of standing in.", ASSUMED;
    spell_length = 4.0, 1.0, 30.0, "Days of a spell.", ASSUMED;
    spell_least = 3.0, 1.0, 50.0, "Least unexplained openings in a spell, times the usual.", ASSUMED;
    spell_most = 12.0, 1.0, 50.0, "Most unexplained openings in a spell, times the usual.", ASSUMED;
    stray_acquaintance = 0.04, 0.0, 1.0, "Of these, neighbours, relatives or colleagues who ask.", BOXWALA;
    stray_wrong = 0.07, 0.0, 1.0, "Of these, wrong persons of the same name or family.", ASSUMED;
    confirm = 0.7, 0.0, 1.0, "Unexplained openings that a colleague confirms.", ASSUMED;
    confirm_days = 2.0, 0.05, 30.0, "Mean days until the confirmation.", ASSUMED;

    // Evidence.
    referral_late = 0.08, 0.0, 1.0, "Referrals and orders that are recorded late.", "assumed; the Danish treatment-relation service checks again later because registers lag (nspop.dk, BRS)";
    referral_lost = 0.01, 0.0, 1.0, "Referrals that are never recorded.", ASSUMED;
    order_late = 0.006, 0.0, 1.0, "Orders to a worklist that are recorded late.", ASSUMED;
    order_lost = 0.001, 0.0, 1.0, "Orders to a worklist that are never recorded.", ASSUMED;
    admission_late = 0.05, 0.0, 1.0, "Admissions that are recorded late.", ASSUMED;
    admission_lost = 0.003, 0.0, 1.0, "Admissions that are never recorded.", ASSUMED;
    late_share = 0.333, 0.01, 1.0, "Mean lateness, as a share of the climate's lag.", "assumed: 95 % have come when the lag is over";

    // Systems.
    find_name = 0.15, 0.0, 1.0, "Openings after a look-up by name.", ASSUMED;
    find_number = 0.25, 0.0, 1.0, "Openings after a look-up by number.", ASSUMED;
    find_miss = 0.01, 0.0, 1.0, "Look-ups that find nobody: typing errors.", ASSUMED;
    deposit = 0.7, 0.0, 1.0, "Contacts after which something is put into the file.", ASSUMED;
    repeat = 0.2, 0.0, 5.0, "Openings repeated later on the same day.", ASSUMED;
    retry = 0.002, 0.0, 1.0, "Happenings sent twice.", ASSUMED;
    shared = 0.04, 0.0, 1.0, "Openings on wards at a workstation that another just used.", ASSUMED;
    skew_days = 60.0, 1.0, 10000.0, "Days of a unit between days with a wrong clock.", ASSUMED;
    skew_seconds = 180.0, 0.0, 7200.0, "Most seconds that it is wrong.", ASSUMED;
    downtime_days = 45.0, 1.0, 10000.0, "Days between outages of a hospital or of all practices.", ASSUMED;
    downtime_hours = 2.0, 0.1, 12.0, "Mean hours of an outage.", ASSUMED;

    // Reactions.
    react_reason = 0.97, 0.0, 1.0, "Chance that honest staff give the reason they are asked for.", ASSUMED;
    react_reason_seconds = 20.0, 1.0, 3600.0, "Mean seconds until then.", ASSUMED;
    react_step_up = 0.97, 0.0, 1.0, "Chance that honest staff sign in again when asked.", ASSUMED;
    react_step_up_seconds = 45.0, 1.0, 86400.0, "Mean seconds until then.", ASSUMED;
    react_relax = 0.7, 0.0, 1.0, "Chance that a colleague on duty lowers a rung.", ASSUMED;
    react_relax_seconds = 1200.0, 1.0, 86400.0, "Mean seconds until then.", ASSUMED;
    react_unfreeze = 0.98, 0.0, 1.0, "Chance that two officers lift a freeze of honest staff.", ASSUMED;
    react_unfreeze_seconds = 7200.0, 60.0, 864000.0, "Mean seconds until then.", ASSUMED;
    react_retry = 0.6, 0.0, 1.0, "Chance that honest staff try a refused file again.", ASSUMED;
    react_retry_seconds = 1800.0, 1.0, 86400.0, "Mean seconds until then.", ASSUMED;
    react_report = 0.02, 0.0, 1.0, "Chance that a patient who is told of a wrong opening reports it.", "assumed; the Danish doctor of 2017 to 2022 was found by one reader of the own log";
    react_report_seconds = 432000.0, 60.0, 8640000.0, "Mean seconds until then.", ASSUMED;
    react_false_report = 0.0003, 0.0, 1.0, "Chance that a patient reports a right opening.", ASSUMED;
}

impl Parameters {
    /// What is out of its range, in words.
    pub(crate) fn fault(&self) -> Option<String> {
        let mut rows = Self::TABLE.iter().zip(self.values());
        let (row, value) = rows.find(|(row, v)| !(row.least..=row.most).contains(v))?;
        let Row { name, least, most, .. } = row;
        Some(format!("parameters.{name} is {value}; it must be from {least} to {most}"))
    }
}
