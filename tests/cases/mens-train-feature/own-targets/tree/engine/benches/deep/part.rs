use engine::model::fit::fit;
