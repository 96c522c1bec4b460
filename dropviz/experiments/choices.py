"""Choices of an experiment, by name, with a line of help each. Their classes are in `training` and `capture`."""

DATASETS = {
    "digits": "1,797 handwritten digits of 8x8 pixels, which come with scikit-learn",
    "fashion-mnist": "70,000 pictures of clothes of 28x28 pixels",
    "mnist": "70,000 handwritten digits of 28x28 pixels",
    "kmnist": "70,000 handwritten Japanese characters of 28x28 pixels",
}
OPTIMIZERS = ("sgd", "adam")
RECONSTRUCTION = "reconstruction"
LOSSES = ("cross-entropy", "squared", RECONSTRUCTION)

NOISES = {
    "bernoulli": "dropviz's own layer: a Bernoulli mask, scaled by 1/(1 - drop_prob)",
    "torch": "torch.nn.Dropout",
    "gaussian": "multiplies by a normal number of mean 1 and variance drop_prob/(1 - drop_prob)",
    "uniform": "multiplies by a number drawn evenly, of mean 1 and variance drop_prob/(1 - drop_prob)",
    "channel": "drops 8 neighbouring units together, or keeps them together",
    "alpha": "torch.nn.AlphaDropout: a dropped unit gets a fixed negative value, mean 0 and variance 1 are kept",
    "dropconnect": "drops weights that lead away from a layer, one mask a minibatch",
    "none": "no noise: drop_prob must be 0",
}
NEIGHBOURS = 8  # units that noise "channel" drops together
NOISES_BELOW_ONE = ("gaussian", "uniform", "alpha")  # their drop_prob must be below 1

SCHEDULES = {
    "constant": "the same strength from the first iteration to the last",
    "early": "noise until the share `turn` of the training, none after it",
    "late": "no noise until the share `turn` of the training, then noise",
    "decay": "full strength first, then less and less, evenly, down to none at the end",
}

# Common mistakes, made on purpose.
MISTAKES = {
    "randn": "the mask is randn > drop_prob: normal numbers, not uniform ones",
    "unscaled": "what is kept is not scaled by 1/(1 - drop_prob)",
    "always-on": "units are dropped in evaluation too",
    "unscaled-inputs": "trained on pixels from 0 to 1, evaluated on pixels from 0 to 255 (digits: 16)",
    "zero": "the drop probability is 0, whatever that of the arm is",
    "mean-twice": "the mean loss is divided by the batch size once more",
    "relu-zeros": "the recorded masks are read off the zeros of the output, which ReLU makes too",
}

# Measurements beyond accuracy and loss, which some charts draw.
PROBES = {
    "activations": "the distribution of the activations of each hidden layer, and their variance around the noise",
    "expectation": "what a noise layer makes of the same activations with one mask after another",
    "features": "the weights into the units of the first hidden layer",
    "gate": "the activations before and after each noise layer, in the kept iterations",
    "giveaway": "what gives common mistakes away: ratios of activations, inputs and losses, two evaluations",
    "passes": "what thinned networks predict at each snapshot, alone and averaged, with their masks and activations",
    "samples": "what thinned networks, sampled at the end, predict on test images, alone and averaged",
    "weights": "the weights into the first layer, at each snapshot",
}
