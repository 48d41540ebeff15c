//! A real server with a real keyholder and store, over real TLS.

mod capability;
mod client;
mod connections;
mod disclosure;
mod early;
mod hostile;
mod logs;
mod refusals;
mod reports;
mod rig;
mod scripts;
mod sections;
mod signing_in;
