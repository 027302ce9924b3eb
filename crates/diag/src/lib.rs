//! Sources, spans, findings and how they are shown.
