"""Gradients are those of torch.autograd and torch.optim, and noise is a variance over batches."""

from itertools import product

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, one_hot

from lab.counting.gradients import batch_gradient, gradient_noise, per_sample_gradients, weight_history


@pytest.fixture
def problem():
    model = nn.Linear(7, 5).double()
    return model, torch.randn(11, 7, dtype=torch.float64), torch.randint(5, (11,))


def test_weight_history_is_that_of_sgd(problem):
    model, images, labels = problem
    twin = nn.Linear(7, 5).double()
    twin.load_state_dict(model.state_dict())
    optimiser, expected = torch.optim.SGD(twin.parameters(), lr=0.3), [twin.weight.detach().clone()]
    for _ in range(3):
        optimiser.zero_grad()
        cross_entropy(twin(images), labels).backward()
        optimiser.step()
        expected.append(twin.weight.detach().clone())

    torch.testing.assert_close(weight_history(model, "weight", images, labels, steps=3, lr=0.3), torch.stack(expected))


def test_per_sample_gradients_of_a_linear_classifier_are_those_of_the_textbook(problem):
    """d loss / d scores = softmax - one-hot; d loss / d weight = that times the image."""
    model, images, labels = problem
    at_scores = model(images).softmax(dim=1) - one_hot(labels, 5)  # (11, 5)
    expected = torch.cat([torch.einsum("nc,nd->ncd", at_scores, images).flatten(1), at_scores], dim=1)

    torch.testing.assert_close(per_sample_gradients(model, images, labels), expected.detach())
    torch.testing.assert_close(batch_gradient(model, images, labels), expected.mean(dim=0).detach())


@pytest.mark.parametrize("size", [1, 2, 3])
def test_noise_over_every_possible_batch_is_the_variance_over_the_batch_size(size):
    """All 5^B batches with replacement, each once: no sampling error is left."""
    gradients = torch.randn(5, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    noise, _ = gradient_noise(gradients, torch.tensor(list(product(range(5), repeat=size))))

    assert noise == pytest.approx(gradients.var(dim=0, correction=0).sum().item() / size)


def test_the_standard_error_is_that_of_a_mean():
    gradients = torch.tensor([[1.0], [-1.0], [3.0], [-3.0]], dtype=torch.float64)
    noise, error = gradient_noise(gradients, torch.tensor([[0], [2], [1], [3]]))

    assert (noise, error) == pytest.approx((5.0, (64 / 3) ** 0.5 / 2))  # squares 1, 9, 1, 9: variance 64 / 3, n = 4
