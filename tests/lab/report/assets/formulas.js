// The formulas of the explorables, with PyTorch's names and conventions. Each is pure; null is what PyTorch refuses.
function convolution({ kernel_size, in_channels, out_channels, groups = 1, bias = false, height = 1, width = 1 }) {
  if (in_channels % groups || out_channels % groups) return null;
  const weights = kernel_size * kernel_size * (in_channels / groups) * out_channels;
  const biases = bias ? out_channels : 0;
  return { weights, biases, parameters: weights + biases, multiply_adds: weights * height * width }; // of the map put out
}
function reducedConvolution({ reduced_channels, ...of }) { // 0: without the 1x1 before it
  const last = convolution({ ...of, in_channels: reduced_channels || of.in_channels });
  if (!reduced_channels) return last;
  const first = convolution({ ...of, kernel_size: 1, out_channels: reduced_channels });
  return Object.fromEntries(Object.keys(last).map(name => [name, first[name] + last[name]]));
}
function breakEven({ kernel_size, in_channels, out_channels }) { // most channels between that still save weights
  const area = kernel_size * kernel_size;
  return Math.ceil(area * in_channels * out_channels / (in_channels + area * out_channels)) - 1;
}
function receptiveField({ kernel_size, stride, dilation }) { // arrays, first layer first; px seen after each layer
  let side = 1, step = 1;
  return kernel_size.map((kernel, layer) => {
    side += (kernel - 1) * dilation[layer] * step;
    step *= stride[layer];
    return side;
  });
}
function outputSide({ height, kernel_size, stride = 1, padding = 0, dilation = 1 }) {
  const room = height + 2 * padding - dilation * (kernel_size - 1) - 1;
  return room < 0 ? null : Math.floor(room / stride) + 1;
}
function remedy({ height, kernel_size, stride, padding, dilation }) { // what lets F(x) + x fit; padding null: none does
  const taken = dilation * (kernel_size - 1), shortcut = outputSide({ height, kernel_size: 1, stride });
  const fits = outputSide({ height, kernel_size, stride, padding, dilation }) === shortcut;
  const better = fits ? padding : taken % 2 ? null : taken / 2;
  return { padding: better, stride: shortcut === height ? 1 : stride, side: shortcut };
}
