//! Everything a repository deploys, loaded from files into views.
