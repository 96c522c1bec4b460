"""What an experiment can choose from, by name: what each is. The classes that do it stand in `training`."""

DATASETS = ("digits", "fashion-mnist", "mnist", "kmnist")
OPTIMIZERS = ("sgd", "adam")
LOSSES = ("cross-entropy", "squared")

NOISES = {
    "bernoulli": "dropviz's own layer: a Bernoulli mask, scaled by 1/(1 - drop_prob)",
    "torch": "torch.nn.Dropout",
    "gaussian": "multiplies by a normal number of mean 1 and variance drop_prob/(1 - drop_prob)",
}

# Measurements beyond accuracy and loss, which some charts draw.
PROBES = {
    "gate": "the activations before each noise layer, in the kept iterations",
    "samples": "what thinned networks, sampled at the end, predict on test images, alone and averaged",
    "weights": "the weights into the first layer, at each snapshot",
}
