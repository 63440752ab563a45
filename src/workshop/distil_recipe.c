/* For those who train elsewhere: a recipe for TRL beside the rows, and the way back of what it
 * made. */
#include "model/model.h"
#include "workshop/distil.h"

#include <stdio.h>

/* Rows are {"messages":[…]}; TRL learns the completion alone where prompt and completion are
 * apart, by the tokenizer's own chat template. */
static const char script[] =
    "#!/usr/bin/env python3\n"
    "\"\"\"Trains a model on the rows beside this file with TRL: python3 recipe.py --model NAME\n"
    "\n"
    "NAME is a folder or a name of transformers: the weights of which the GGUF file was made. "
    "The\n"
    "result, merged, lies in returned/; then\n"
    "\n"
    "    lyceum distil COURSE … --returned returned\n"
    "\n"
    "makes a GGUF file of it, examines it and writes the card. Wants: pip install trl peft\n"
    "\"\"\"\n"
    "import argparse\n"
    "import json\n"
    "import os\n"
    "\n"
    "from datasets import Dataset\n"
    "from peft import LoraConfig\n"
    "from transformers import AutoModelForCausalLM, AutoTokenizer\n"
    "from trl import SFTConfig, SFTTrainer\n"
    "\n"
    "HERE = os.path.dirname(os.path.abspath(__file__))\n"
    "parser = argparse.ArgumentParser(description=__doc__)\n"
    "parser.add_argument(\"--model\", required=True)\n"
    "parser.add_argument(\"--rows\", default=os.path.join(HERE, \"rows.jsonl\"))\n"
    "parser.add_argument(\"--out\", default=os.path.join(HERE, \"returned\"))\n"
    "parser.add_argument(\"--steps\", type=int, default=-1, help=\"-1: once through the rows\")\n"
    "parser.add_argument(\"--batch\", type=int, default=16)\n"
    "parser.add_argument(\"--rate\", type=float, default=%g)\n"
    "parser.add_argument(\"--rank\", type=int, default=%d, help=\"0: all weights learn\")\n"
    "options = parser.parse_args()\n"
    "\n"
    "rows = [json.loads(line)[\"messages\"] for line in open(options.rows, encoding=\"utf-8\")]\n"
    "data = Dataset.from_list([{\"prompt\": row[:-1], \"completion\": row[-1:]} for row in "
    "rows])\n"
    "model = AutoModelForCausalLM.from_pretrained(options.model, dtype=\"float32\")\n"
    "tokenizer = AutoTokenizer.from_pretrained(options.model)\n"
    "config = SFTConfig(output_dir=options.out + \".training\", max_steps=options.steps,\n"
    "                   per_device_train_batch_size=options.batch, learning_rate=options.rate,\n"
    "                   warmup_steps=15, lr_scheduler_type=\"linear\", max_length=1024, "
    "seed=%llu,\n"
    "                   logging_steps=10, save_strategy=\"no\", report_to=\"none\", bf16=False)\n"
    "low_rank = LoraConfig(r=options.rank, lora_alpha=2 * options.rank, task_type=\"CAUSAL_LM\",\n"
    "                      target_modules=\"all-linear\") if options.rank else None\n"
    "trainer = SFTTrainer(model=model, args=config, train_dataset=data,\n"
    "                     processing_class=tokenizer, peft_config=low_rank)\n"
    "trainer.train()\n"
    "trained = trainer.model.merge_and_unload() if low_rank else trainer.model\n"
    "trained.save_pretrained(options.out)\n"
    "tokenizer.save_pretrained(options.out)\n"
    "print(options.out)\n";

bool distil_recipe(struct distil_run *run, struct fault *fault) {
    char path[DISTIL_PATH];
    struct buffer text = {0};
    buffer_format(&text, script, run->how->tutor ? 3e-4 : 1e-3, 16,
                  (unsigned long long)run->how->seed);
    distil_path(run, "recipe.py", path);
    bool good = file_write(path, buffer_view(&text), fault);
    if (good)
        distil_tell(run, "the recipe: %s", path);
    buffer_free(&text);
    return good;
}

/* Eight bits: fewer would destroy what was learnt, which is why adapters go beside the base. */
bool distil_returned(struct distil_run *run, struct fault *fault) {
    struct quantisation how = {.type = "Q8_0"};
    struct quantisation_result result;
    char path[DISTIL_PATH];
    distil_path(run, "returned.gguf", path);
    if (file_exists(path))
        return true;
    distil_tell(run, "making %s of %s", path, run->how->returned);
    return model_quantise(run->how->returned, path, &how, run->pool, &result, fault);
}
