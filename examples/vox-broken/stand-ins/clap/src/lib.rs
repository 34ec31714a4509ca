//! The derives of clap, as no-ops: the example's `main` reads its command line by hand.

use proc_macro::TokenStream;

#[proc_macro_derive(Parser, attributes(command, arg))]
pub fn parser(_item: TokenStream) -> TokenStream {
    TokenStream::new()
}

#[proc_macro_derive(Subcommand, attributes(command, arg))]
pub fn subcommand(_item: TokenStream) -> TokenStream {
    TokenStream::new()
}

#[proc_macro_derive(ValueEnum, attributes(value))]
pub fn value_enum(_item: TokenStream) -> TokenStream {
    TokenStream::new()
}
