"""What gradients do: to the weights of a network step by step, and from one batch to another."""

import torch
from torch.func import functional_call, grad, vmap
from torch.nn.functional import cross_entropy


def weight_history(model, name, images, labels, steps, lr):
    """(steps + 1, *shape): the parameter `name` before and after each step of gradient descent on all the images."""
    weight = model.get_parameter(name)
    history = [weight.detach().clone()]
    for _ in range(steps):
        gradients = torch.autograd.grad(cross_entropy(model(images), labels), list(model.parameters()))
        with torch.no_grad():
            for parameter, gradient in zip(model.parameters(), gradients):
                parameter -= lr * gradient
        history.append(weight.detach().clone())
    return torch.stack(history)


def batch_gradient(model, images, labels):
    """(parameters,): gradient of the batch's mean cross-entropy, in the model's present train or eval mode."""
    gradients = torch.autograd.grad(cross_entropy(model(images), labels), list(model.parameters()))
    return torch.cat([gradient.flatten() for gradient in gradients])


def per_sample_gradients(model, images, labels):
    """(images, parameters): gradient of the cross-entropy of each image as a batch of one, by torch.func."""
    parameters = {name: parameter.detach() for name, parameter in model.named_parameters()}

    def loss(parameters, image, label):
        return cross_entropy(functional_call(model, parameters, (image.unsqueeze(0),)), label.unsqueeze(0))

    gradients = vmap(grad(loss), in_dims=(None, 0, 0))(parameters, images, labels)
    return torch.cat([gradient.flatten(1) for gradient in gradients.values()], dim=1)


def gradient_noise(gradients, batches):
    """(noise, standard error): mean squared distance of a batch's gradient from the mean of all.

    gradients: (images, parameters), one for each image; batches: (draws, batch size), indices of images.
    """
    weights = torch.zeros(len(batches), len(gradients), dtype=gradients.dtype)
    weights.scatter_add_(1, batches, torch.full_like(batches, 1, dtype=gradients.dtype) / batches.shape[1])
    squares = (weights @ gradients - gradients.mean(dim=0)).square().sum(dim=1)  # one for each draw
    return squares.mean().item(), (squares.std() / len(squares) ** 0.5).item()
