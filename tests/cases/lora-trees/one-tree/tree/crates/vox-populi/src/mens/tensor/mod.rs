pub mod candle_qlora_train;
