/// Why a query was refused. Names are those of parameters; values are never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// No such resource type.
    #[error("this is not a resource type of FHIR R4")]
    UnknownType,
    /// The type has no such search parameter.
    #[error("{resource_type} has no search parameter `{name}`")]
    UnknownParameter {
        /// The type searched.
        resource_type: &'static str,
        /// The parameter, shortened to harmless characters.
        name: String,
    },
    /// The parameter does not have this modifier, or not this one.
    #[error("the modifier of the search parameter `{name}` is not supported")]
    UnsupportedModifier {
        /// The parameter.
        name: String,
    },
    /// The value has a form that the parameter does not have.
    #[error("the value of the search parameter `{name}` cannot be understood")]
    BadValue {
        /// The parameter.
        name: String,
    },
    /// Chains and `_has` are not served: a search stays inside one file.
    #[error("`{name}` is a chained search; search one file by its own parameters instead")]
    Chained {
        /// The parameter.
        name: String,
    },
    /// A parameter of the standard that is not served.
    #[error("the search parameter `{name}` is not served here")]
    NotServed {
        /// The parameter.
        name: String,
    },
    /// More parameters or values than a query may have.
    #[error("the query has too many parameters or values")]
    TooMany,
}

impl SearchError {
    /// The name as it may be shown: short, and of harmless characters only.
    pub(super) fn shown(name: &str) -> String {
        let is_harmless =
            |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        name.chars().filter(is_harmless).take(NAME_MAX).collect()
    }

    pub(super) fn bad_value(name: &str) -> SearchError {
        SearchError::BadValue { name: SearchError::shown(name) }
    }
}

const NAME_MAX: usize = 64;
