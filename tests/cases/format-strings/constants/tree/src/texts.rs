pub const NEEDS_MODEL: &str = "pass the model \
    {model} first";
