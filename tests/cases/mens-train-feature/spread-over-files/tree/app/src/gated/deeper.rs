use engine::fit;
