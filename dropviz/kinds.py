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
    "activations": "the distribution of the activations of each hidden layer, and their variance around the noise",
    "features": "the weights into the units of the first hidden layer",
    "gate": "the activations before each noise layer, in the kept iterations",
}
