namespace OverlayImg.Closures.Layering;

/// <summary>How many layers an image may have, and how many are left for its files (spec dockertools, 1.13).</summary>
internal static class LayerBudget
{
    /// <summary>What is left beside the base image's layers and the customisation layer: at least one.</summary>
    /// <exception cref="InputException">None is left.</exception>
    public static int Available(int maxLayers, int baseLayers)
    {
        var used = baseLayers + 1;
        if (used < maxLayers) return maxLayers - used;
        throw new InputException(
            $"{used} layers are used for the base image and the customisation layer, but only {maxLayers} are allowed, and the contents need at least one")
        {
            Advice = new($"Flatten the base image, or allow {used + 1} layers or more.", ClosureSetting.MaxLayers),
        };
    }
}
