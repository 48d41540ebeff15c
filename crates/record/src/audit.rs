//! AuditEvent and Provenance, made from lines of the ledger.

use fhir::Json;
use keyproto::message::Line;
use terms::FileId;

/// The line as an AuditEvent (IHE BALP), if it is one about this file.
pub fn audit_event(line: &Line, file: FileId) -> Option<Json> {
    let _ = (line, file);
    todo!()
}

/// The line as a Provenance, if it is a deposit into this file.
pub fn provenance(line: &Line, file: FileId) -> Option<Json> {
    let _ = (line, file);
    todo!()
}
