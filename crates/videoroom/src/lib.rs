//! The Backend of Videoroom and the product binary.
