namespace OverlayImg.Closures.Layering;

/// <summary>The number of layers that an image may have.</summary>
internal static class LayerBudget
{
    /// <summary>
    /// Returns how many layers are left for files beside the base image's layers and the customisation layer; at least 1.
    /// </summary>
    /// <exception cref="InputException">No layer is left.</exception>
    public static int Available(int maxLayers, int baseLayers)
    {
        var used = baseLayers + 1;
        if (used < maxLayers) return maxLayers - used;
        throw new InputException(
            $"{Counted.Of(used, "layer is", "layers are")} used for the base image and the customisation layer, but the limit is {maxLayers}, " +
            "and the contents need at least one")
        {
            Advice = new($"Flatten the base image, or allow {used + 1} layers or more.", ClosureSetting.MaxLayers),
        };
    }
}
