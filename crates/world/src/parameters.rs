//! Every number of the world, with its range and its source.
//!
//! A source is a publication or an authority. *Assumed* means that nobody was found who counted
//! it. docs/world.md repeats this table; a test compares the two.

mod sources;

use serde::{Deserialize, Serialize};
use sources::*;

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
    ($($name:ident = $value:literal, $least:literal, $most:literal, $source:ident:
        $what:literal;)*) => {
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

parameters! {
    // People.
    town_people = 20000.0, 1000.0, 500000.0, ASSUMED:
        "People of a town.";
    street_households = 40.0, 5.0, 500.0, ASSUMED:
        "Households of a street.";
    surnames = 8000.0, 100.0, 60000.0, ASSUMED:
        "Different surnames.";
    surname_steepness = 1.0, 0.0, 1.5, ASSUMED:
        "How much the frequent surnames outweigh the rare (exponent of the rank).";
    surname_kin = 0.15, 0.0, 0.9, ASSUMED:
        "Households with relatives of the same surname in the same town.";
    surname_second = 0.12, 0.0, 1.0, ASSUMED:
        "Partners who keep another surname.";
    practice_near = 0.92, 0.0, 1.0, ASSUMED:
        "Households registered with a practice of their own town.";
    staff_near = 0.6, 0.0, 1.0, ASSUMED:
        "Staff of practices and pharmacies who live in its town.";
    moves_a_year = 0.05, 0.0, 0.5, ASSUMED:
        "People who change their practice in a year.";
    deaths_a_year = 0.01, 0.0, 0.1, ASSUMED:
        "People who die in a year.";
    vip_people = 0.00002, 0.0, 0.001, ASSUMED:
        "People known to everybody.";
    vip_admissions_a_year = 2.0, 0.0, 50.0, ASSUMED:
        "Admissions of each of them in a year.";
    vip_team = 40.0, 5.0, 200.0, MIMIC:
        "Staff who really treat such a patient.";

    // Staff.
    people_per_doctor = 1600.0, 500.0, 5000.0, DENMARK:
        "People per full-time doctor of a practice.";
    practice_nurses = 0.55, 0.1, 5.0, KBV:
        "Full-time nurses per full-time doctor of a practice.";
    practice_receptionists = 0.8, 0.1, 5.0, KBV:
        "Full-time receptionists per full-time doctor of a practice.";
    ward_beds = 21.0, 5.0, 100.0, BEDS:
        "Beds of a ward.";
    ward_nurses = 34.0, 5.0, 200.0, NURSES:
        "Nurses of a ward.";
    ward_doctors = 16.0, 3.0, 100.0, ASSUMED:
        "Doctors of a ward and its clinic.";
    ward_secretaries = 7.0, 1.0, 50.0, ASSUMED:
        "Secretaries of a ward.";
    ward_nurses_day = 7.0, 1.0, 50.0, NURSES:
        "Nurses for the beds, by day.";
    ward_nurses_evening = 5.0, 1.0, 50.0, NURSES:
        "Nurses for the beds, in the evening.";
    ward_nurses_night = 3.0, 1.0, 50.0, NURSES:
        "Nurses for the beds, at night.";
    clinic_nurses = 3.0, 0.0, 50.0, ASSUMED:
        "Nurses of a clinic, on weekdays.";
    ward_doctors_day = 7.0, 1.0, 50.0, ASSUMED:
        "Doctors of a ward and its clinic, on weekdays.";
    ward_doctors_night = 1.0, 1.0, 20.0, ASSUMED:
        "Doctors of a ward on call, nights and weekends.";
    emergency_doctors = 9.5, 4.0, 200.0, SHIFT:
        "Doctors of an emergency department, for 60 arrivals a day.";
    emergency_nurses = 40.0, 6.0, 300.0, ASSUMED:
        "Nurses of an emergency department, for 60 arrivals a day.";
    emergency_secretaries = 10.0, 1.0, 50.0, ASSUMED:
        "Secretaries of an emergency department.";
    desk_staff = 20.0, 4.0, 200.0, ASSUMED:
        "Receptionists of an admission desk, for 30 wards.";
    pharmacy_staff = 9.0, 2.0, 50.0, ASSUMED:
        "Pharmacists of a pharmacy.";
    hospital_pharmacists = 9.0, 2.0, 100.0, PSNET:
        "Pharmacists of a hospital of 30 wards.";
    laboratory_staff = 26.0, 2.0, 500.0, ASSUMED:
        "Staff of the laboratory, for 250,000 people.";
    radiology_staff = 10.0, 2.0, 200.0, ASSUMED:
        "Staff of a radiology, for 30 wards.";
    research_staff = 12.0, 2.0, 100.0, ASSUMED:
        "Staff of the research unit.";
    coders = 16.0, 2.0, 100.0, AHIMA:
        "Coders of a hospital of 30 wards.";
    support_staff = 10.0, 2.0, 100.0, ASSUMED:
        "Staff of technical support.";
    part_time = 0.35, 0.0, 1.0, ASSUMED:
        "Staff who work part-time.";
    part_time_share = 0.6, 0.1, 1.0, ASSUMED:
        "How much of the time they work.";
    absent = 0.14, 0.0, 0.9, ASSUMED:
        "Staff on leave or ill, of any week.";
    turnover_a_year = 0.12, 0.0, 1.0, ASSUMED:
        "Staff who leave in a year and are replaced.";
    ward_changes_a_year = 0.06, 0.0, 1.0, ASSUMED:
        "Nurses and doctors of wards who change to another in a year.";
    locums_a_year = 3.0, 0.0, 50.0, ASSUMED:
        "Locums of a practice in a year, of two weeks each.";

    // Practices.
    contacts_a_year = 7.6, 0.5, 50.0, DENMARK_CONTACTS:
        "Contacts of a person with the practice in a year.";
    attender_skew = 1.9, 1.0, 6.0, ASSUMED:
        "How much frequent attenders outweigh others (1: not at all).";
    visit_share = 0.57, 0.0, 1.0, DENMARK_VISITS:
        "Contacts in person.";
    message_share = 0.22, 0.0, 1.0, ASSUMED:
        "Contacts by the patient's own message; the rest are calls.";
    visit_booked = 0.7, 0.0, 1.0, ASSUMED:
        "Visits booked on an earlier day.";
    booked_by_patient = 0.55, 0.0, 1.0, ASSUMED:
        "Of those, booked by the patient with the own card.";
    booking_lead_days = 5.0, 0.5, 60.0, ASSUMED:
        "Mean days from booking to visit.";
    practice_presence = 0.93, 0.0, 1.0, ASSUMED:
        "Visits at which the patient's card or phone is read.";
    presence_code = 0.03, 0.0, 1.0, ASSUMED:
        "Of presences, those by a one-time code.";
    visit_receptionist = 0.85, 0.0, 1.0, CHART:
        "Visits for which a receptionist opens the file.";
    visit_nurse = 0.85, 0.0, 1.0, CHART:
        "Visits for which a nurse opens the file.";
    visit_doctor = 0.9, 0.0, 1.0, CHART:
        "Visits for which a doctor opens the file.";
    call_receptionist = 0.85, 0.0, 1.0, CHART:
        "Calls and messages for which a receptionist opens the file.";
    call_nurse = 0.5, 0.0, 1.0, CHART:
        "Calls and messages for which a nurse opens the file.";
    call_doctor = 0.75, 0.0, 1.0, CHART:
        "Calls and messages for which a doctor opens the file.";
    inbox = 0.28, 0.0, 2.0, NOTICES:
        "Results and letters that come in, for each contact.";
    inbox_receptionist = 0.5, 0.0, 1.0, CHART:
        "Of these, those that a receptionist opens too.";
    laboratory_orders = 0.14, 0.0, 1.0, ASSUMED:
        "Visits with an order to the laboratory.";
    referrals = 0.04, 0.0, 1.0, ASSUMED:
        "Contacts with a referral to a clinic.";
    direct_admissions = 0.005, 0.0, 0.1, ASSUMED:
        "Contacts that end in an admission.";
    home_evening = 0.25, 0.0, 1.0, ARNDT:
        "Doctors who go on at home in the evening.";
    home_files = 5.0, 0.0, 50.0, ARNDT:
        "Mean files they open there.";
    call_service_files = 0.00008, 0.0, 0.01, ASSUMED:
        "Calls out of hours to the doctor on call, a day, for each person of the list.";
    campaigns_a_year = 2.0, 0.0, 50.0, ASSUMED:
        "Campaigns of a practice in a year.";
    campaign_least = 200.0, 1.0, 5000.0, ASSUMED:
        "Least files of a campaign.";
    campaign_most = 500.0, 1.0, 5000.0, ASSUMED:
        "Most files of a campaign.";
    take_overs_a_year = 0.1, 0.0, 5.0, ASSUMED:
        "Practices that take over a part of another's list, in a year.";
    take_over_late = 0.2, 0.0, 1.0, ASSUMED:
        "Take-overs where the list is approved only afterwards.";
    take_over_files = 150.0, 0.0, 2000.0, ASSUMED:
        "Files opened in the first days of a take-over.";
    influenza_factor = 1.6, 1.0, 5.0, ASSUMED:
        "Contacts at the peak of influenza.";
    influenza_day = 40.0, 0.0, 364.0, ASSUMED:
        "Day of the year of the peak.";
    influenza_days = 35.0, 1.0, 180.0, ASSUMED:
        "Days that the wave lasts.";

    // Hospitals.
    hospital_near = 0.95, 0.0, 1.0, ASSUMED:
        "People who go to the hospital that is nearest for them.";
    usual_ward = 0.9, 0.0, 1.0, ASSUMED:
        "Referrals and admissions to one of the two wards that a person's diseases belong to.";
    last_hospital_joins = 0.0, 0.0, 3660.0, ASSUMED:
        "Day on which the last hospital joins; 0: it was there before.";
    stay_days = 7.2, 1.0, 30.0, ASSUMED:
        "Mean days of a stay.";
    arrivals_a_year = 0.18, 0.01, 2.0, SEPSIS:
        "Arrivals at an emergency department, for each person and year.";
    arrival_admitted = 0.4, 0.0, 1.0, ASSUMED:
        "Arrivals that are admitted.";
    arrival_presence = 0.75, 0.0, 1.0, ASSUMED:
        "Arrivals whose card or phone is read.";
    arrival_unidentified = 0.02, 0.0, 1.0, ASSUMED:
        "Arrivals without identity at first.";
    emergency_nurse_files = 0.4, 0.0, 1.0, CHART:
        "Of the day's arrivals, those that a nurse opens beside the own.";
    emergency_doctor_files = 0.7, 0.0, 1.0, CHART:
        "Of the day's arrivals, those that a doctor opens beside the own.";
    clinic_presence = 0.9, 0.0, 1.0, ASSUMED:
        "Visits at a clinic at which the card or phone is read.";
    clinic_follow_up = 0.6, 0.0, 0.95, ASSUMED:
        "Visits at a clinic, and discharges, with a next appointment.";
    clinic_admitted = 0.2, 0.0, 1.0, ASSUMED:
        "Visits at a clinic that lead to a planned admission.";
    clinic_lead_days = 25.0, 1.0, 60.0, ASSUMED:
        "Mean days until an appointment or a planned admission.";
    nurse_own = 1.0, 0.0, 1.0, CHART:
        "Chance that a nurse opens the file of an own inpatient.";
    nurse_others = 0.88, 0.0, 1.0, CHART:
        "Chance that a nurse opens the file of another inpatient of the ward.";
    doctor_inpatients = 0.7, 0.0, 1.0, CHART:
        "Chance that a doctor of the day opens the file of an inpatient.";
    doctor_clinic = 0.45, 0.0, 1.0, CHART:
        "Chance that a doctor of the day opens the file of a clinic patient.";
    nurse_clinic = 0.9, 0.0, 1.0, CHART:
        "Clinic patients whose file each nurse of the clinic opens.";
    doctor_inbox = 6.0, 0.0, 100.0, CHART:
        "Results and letters of recent patients, for each doctor and day.";
    doctor_night = 0.7, 0.0, 1.0, CHART:
        "Chance that the doctor on call opens the file of an inpatient.";
    secretary_files = 30.0, 0.0, 200.0, ASSUMED:
        "Mean recent patients for whom a secretary of a ward works, a day.";
    ward_laboratory = 0.6, 0.0, 5.0, ASSUMED:
        "Orders to the laboratory, for each inpatient and day.";
    ward_radiology = 0.35, 0.0, 5.0, ASSUMED:
        "Orders to radiology, for each inpatient and day.";
    clinic_radiology = 0.3, 0.0, 1.0, ASSUMED:
        "Clinic visits and arrivals with an order to radiology.";
    ward_pharmacy = 0.9, 0.0, 5.0, ASSUMED:
        "Checks by a hospital pharmacist, for each inpatient and day.";
    laboratory_openers = 1.5, 0.0, 5.0, ASSUMED:
        "Mean staff who open a file for one order to the laboratory.";
    radiology_openers = 2.2, 0.0, 5.0, ASSUMED:
        "Mean staff who open a file for one order to radiology.";
    coding_delay_days = 18.0, 1.0, 60.0, ASSUMED:
        "Mean days from discharge or visit to coding.";
    coding_outpatients = 0.8, 0.0, 1.0, ASSUMED:
        "Clinic visits that a coder codes.";
    handover = 0.9, 0.0, 1.0, ASSUMED:
        "Days on which somebody opens the whole ward within ten minutes.";
    teaching_a_week = 0.7, 0.0, 7.0, ASSUMED:
        "Teaching rounds of a ward in a week.";
    teaching_people = 8.0, 2.0, 30.0, ASSUMED:
        "Staff at a teaching round.";
    consults = 0.06, 0.0, 1.0, ONE_DAY:
        "Consults by another ward, for each inpatient and day.";
    transfers = 0.05, 0.0, 1.0, ASSUMED:
        "Inpatients moved to another ward, a day.";
    expected_openers = 1.8, 0.0, 10.0, ASSUMED:
        "Mean staff of a ward who open the file before the admission is recorded.";

    // Pharmacies, research, quality, support.
    customers = 178.0, 5.0, 2000.0, ABDA:
        "Customers of a pharmacy a day.";
    customer_file = 2.3, 0.0, 5.0, CHART:
        "Mean pharmacists who open a customer's file.";
    counter_presence = 0.95, 0.0, 1.0, GERMANY:
        "Customers whose card is read at the counter.";
    counter_order = 0.5, 0.0, 1.0, ASSUMED:
        "Of the others, those who had ordered with the own phone.";
    counter_near = 0.95, 0.0, 1.0, ASSUMED:
        "Customers who live in the pharmacy's town.";
    customer_skew = 6.0, 1.0, 6.0, ASSUMED:
        "How much regular customers of a town outweigh others (1: not at all).";
    cohort_days = 90.0, 5.0, 400.0, ASSUMED:
        "Days between approved cohorts.";
    cohort_people = 0.004, 0.0, 0.2, ASSUMED:
        "People of a cohort, of all.";
    cohort_files = 25.0, 0.0, 500.0, ASSUMED:
        "Mean files of the cohort that a researcher opens a day.";
    audits_a_year = 6.0, 0.0, 100.0, ASSUMED:
        "Audits of a ward or practice in a year.";
    audit_files = 30.0, 1.0, 1000.0, ASSUMED:
        "Mean files of an audit.";
    complaints_a_year = 6.0, 0.0, 500.0, ASSUMED:
        "Complaints of a ward or practice in a year.";
    support_tests = 6.0, 0.0, 200.0, ASSUMED:
        "Mean test files that support opens, for each of its staff and day.";
    test_files = 20.0, 1.0, 500.0, ASSUMED:
        "Files of made-up patients for tests.";

    // Unexplained openings: means of a staff-day in the base climate, besides late evidence.
    stray_practice = 1.6, 0.0, 20.0, UNEXPLAINED:
        "By staff of practices.";
    stray_ward_nurse = 1.7, 0.0, 20.0, UNEXPLAINED:
        "By nurses and secretaries of wards.";
    stray_ward_doctor = 3.0, 0.0, 20.0, UNEXPLAINED:
        "By doctors of wards.";
    stray_emergency = 2.5, 0.0, 20.0, UNEXPLAINED:
        "By staff of emergency departments.";
    stray_pharmacy = 4.0, 0.0, 20.0, UNEXPLAINED:
        "By pharmacists.";
    stray_worklist = 0.7, 0.0, 20.0, UNEXPLAINED:
        "By staff with worklists.";
    stray_support = 0.3, 0.0, 20.0, UNEXPLAINED:
        "By support.";
    spell_days = 150.0, 5.0, 10000.0, ASSUMED:
        "Staff-days between spells of standing in.";
    spell_length = 4.0, 1.0, 30.0, ASSUMED:
        "Days of a spell.";
    spell_least = 3.0, 1.0, 50.0, ASSUMED:
        "Least unexplained openings in a spell, times the usual.";
    spell_most = 12.0, 1.0, 50.0, ASSUMED:
        "Most unexplained openings in a spell, times the usual.";
    spell_sister = 0.9, 0.0, 1.0, ASSUMED:
        "Of these on wards, those on the sister ward; the others are on any.";
    stray_acquaintance = 0.04, 0.0, 1.0, BOXWALA:
        "Of these, neighbours, relatives or colleagues who ask.";
    stray_wrong = 0.05, 0.0, 1.0, ASSUMED:
        "Of these, wrong persons of the same name or family.";
    stray_shared = 0.9, 0.0, 1.0, ASSUMED:
        "Of those on wards and in practices, files that a colleague has just opened for the same.";
    case_colleagues = 2.0, 0.0, 20.0, ASSUMED:
        "Mean colleagues who open such a file besides the first.";
    referral_ahead = 0.8, 0.0, 1.0, ASSUMED:
        "Referrals to clinics that a letter or a call is ahead of.";
    confirm = 0.7, 0.0, 1.0, ASSUMED:
        "Unexplained openings that a colleague confirms.";
    confirm_days = 2.0, 0.05, 30.0, ASSUMED:
        "Mean days until the confirmation.";

    // Evidence.
    referral_late = 0.08, 0.0, 1.0, LAGGING:
        "Referrals and orders that are recorded late.";
    referral_lost = 0.01, 0.0, 1.0, ASSUMED:
        "Referrals that are never recorded.";
    order_late = 0.006, 0.0, 1.0, ASSUMED:
        "Orders to a worklist that are recorded late.";
    order_lost = 0.001, 0.0, 1.0, ASSUMED:
        "Orders to a worklist that are never recorded.";
    admission_late = 0.05, 0.0, 1.0, ASSUMED:
        "Admissions that are recorded late.";
    admission_lost = 0.001, 0.0, 1.0, ASSUMED:
        "Admissions that are never recorded.";
    admission_lag = 0.15, 0.0, 1.0, ASSUMED:
        "Lateness of a late admission, against that of other evidence.";
    late_share = 0.333, 0.01, 1.0, LAG:
        "Mean lateness, as a share of the climate's lag.";

    // Systems.
    find_name = 0.15, 0.0, 1.0, ASSUMED:
        "Openings after a look-up by name.";
    find_number = 0.25, 0.0, 1.0, ASSUMED:
        "Openings after a look-up by number.";
    find_miss = 0.01, 0.0, 1.0, ASSUMED:
        "Look-ups that find nobody: typing errors.";
    deposit = 0.7, 0.0, 1.0, ASSUMED:
        "Contacts after which something is put into the file.";
    repeat = 0.2, 0.0, 5.0, ASSUMED:
        "Openings repeated later on the same day.";
    retry = 0.002, 0.0, 1.0, ASSUMED:
        "Happenings sent twice.";
    shared = 0.04, 0.0, 1.0, ASSUMED:
        "Openings on wards at a workstation that another just used.";
    skew_days = 60.0, 1.0, 10000.0, ASSUMED:
        "Days of a unit between days with a wrong clock.";
    skew_seconds = 180.0, 0.0, 7200.0, ASSUMED:
        "Most seconds that it is wrong.";
    downtime_days = 45.0, 1.0, 10000.0, ASSUMED:
        "Days between outages of a hospital or of all practices.";
    downtime_hours = 2.0, 0.1, 12.0, ASSUMED:
        "Mean hours of an outage.";

    // Reactions.
    react_reason = 0.97, 0.0, 1.0, ASSUMED:
        "Chance that honest staff give the reason they are asked for.";
    react_reason_seconds = 20.0, 1.0, 3600.0, ASSUMED:
        "Mean seconds until then.";
    react_step_up = 0.97, 0.0, 1.0, ASSUMED:
        "Chance that honest staff sign in again when asked.";
    react_step_up_seconds = 45.0, 1.0, 86400.0, ASSUMED:
        "Mean seconds until then.";
    react_relax = 0.7, 0.0, 1.0, ASSUMED:
        "Chance that a colleague on duty lowers a rung.";
    react_relax_seconds = 1200.0, 1.0, 86400.0, ASSUMED:
        "Mean seconds until then.";
    react_unfreeze = 0.98, 0.0, 1.0, ASSUMED:
        "Chance that two officers lift a freeze of honest staff.";
    react_unfreeze_seconds = 7200.0, 60.0, 864000.0, ASSUMED:
        "Mean seconds until then.";
    react_retry = 0.6, 0.0, 1.0, ASSUMED:
        "Chance that honest staff try a refused file again.";
    react_retry_seconds = 1800.0, 1.0, 86400.0, ASSUMED:
        "Mean seconds until then.";
    react_report = 0.02, 0.0, 1.0, READER:
        "Chance that a patient who is told of a wrong opening reports it.";
    react_report_seconds = 432000.0, 60.0, 8640000.0, ASSUMED:
        "Mean seconds until then.";
    react_false_report = 0.0003, 0.0, 1.0, ASSUMED:
        "Chance that a patient reports a right opening.";
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
