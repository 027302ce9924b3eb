//! Pure analyses over an Estate, and the rules that word what they found.
