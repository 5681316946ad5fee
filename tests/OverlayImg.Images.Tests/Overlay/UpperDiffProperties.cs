using FsCheck;
using FsCheck.Fluent;
using OverlayImg.FileSystems;
using OverlayImg.Images.Overlay;

namespace OverlayImg.Images.Tests;

public sealed class UpperDiffProperties
{
    private static readonly string[] Paths = [.. AllPaths()];

    [Fact]
    public void The_new_layer_on_the_lower_layers_equals_the_processes_view() => ForAllHistories((lower, simulation) =>
    {
        var layer = UpperDiff.Compute(simulation.Upper, lower).Tree;
        var overlay = Trees.Layer(layer);
        Assert.False(overlay.DependsOnLower);
        Assert.Equal(TreeListing.Of(simulation.View), TreeListing.Of(LayerStack.Merge([lower, overlay.Tree])));
    });

    [Fact]
    public void The_upper_directory_on_the_lower_layers_equals_the_processes_view() => ForAllHistories((lower, simulation) =>
        Assert.Equal(TreeListing.Of(simulation.View), TreeListing.Of(LayerStack.Merge([lower, simulation.Upper]))));

    [Fact]
    public void Every_whiteout_deletes_something_and_no_unchanged_directory_is_in_the_layer() => ForAllHistories((lower, simulation) =>
    {
        foreach (var (path, node) in UpperDiff.Compute(simulation.Upper, lower).Tree.Walk())
        {
            var name = TreePath.Name(path);
            if (WhiteoutName.KindOf(name.Span) == NameKind.Whiteout)
            {
                Assert.NotNull(lower.Find(TreePath.Join(TreePath.Parent(path), WhiteoutName.TargetOf(name)).Span));
            }
            else if (!path.IsEmpty && node is DirectoryNode { Count: 0 })
            {
                Assert.NotEqual(node.Permissions, (lower.Find(path.Span) as DirectoryNode)?.Permissions);
            }
        }
    });

    [Fact]
    public void The_inputs_are_not_changed() => ForAllHistories((lower, simulation) =>
    {
        var (lowerBefore, upperBefore) = (TreeListing.Of(lower), TreeListing.Of(simulation.Upper));
        LayerStack.Merge([lower, Trees.Layer(UpperDiff.Compute(simulation.Upper, lower).Tree).Tree, simulation.Upper]);
        Assert.Equal(lowerBefore, TreeListing.Of(lower));
        Assert.Equal(upperBefore, TreeListing.Of(simulation.Upper));
    });

    private static void ForAllHistories(Action<FileTree, OverlaySimulation> holds)
    {
        var history = ArbMap.Default.ArbFor<(byte, byte, byte)[]>();
        Prop.ForAll(history, history, (building, changing) =>
        {
            var past = new OverlaySimulation(new FileTree());
            foreach (var step in building) Do(past, step);
            var lower = past.View;
            var simulation = new OverlaySimulation(lower);
            foreach (var step in changing) Do(simulation, step);
            holds(lower, simulation);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500).WithEndSize(60));
    }

    private static void Do(OverlaySimulation world, (byte What, byte Where, byte Other) step)
    {
        var path = Paths[step.Where % Paths.Length];
        var other = Paths[step.Other % Paths.Length];
        ushort mode = step.Other % 2 == 0 ? (ushort)0x1C0 : (ushort)0x1ED;
        switch (step.What % 16)
        {
            case 0 or 1: world.WriteFile(path, other, isReplacing: step.Other % 2 == 0); break;
            case 2 or 3: world.MakeDirectory(path, mode, marksAll: true); break;
            case 4: world.MakeDirectory(path, mode, marksAll: false); break;
            case 5 or 6: world.Remove(path); break;
            case 7: world.ChangeMode(path, mode); break;
            case 8: world.Link(path, other); break;
            case 9: world.Rename(path, other); break;
            case 10: world.Touch(path); break;
            case 11: world.Create(path, Special(step.Other)); break;
            case 12 or 13: MakeDeep(world, path); break;
            default: MakeAgain(world, path, mode); break;
        }
    }

    /// <summary>
    /// Makes the directories down to <paramref name="path"/> and a file in the last one, because single random steps
    /// seldom go so deep.
    /// </summary>
    private static void MakeDeep(OverlaySimulation world, string path)
    {
        for (var end = path.IndexOf('/', StringComparison.Ordinal); end > 0; end = path.IndexOf('/', end + 1))
            world.MakeDirectory(path[..end], 0x1ED, marksAll: true);
        world.WriteFile(path, path, isReplacing: true);
    }

    /// <summary>Removes a directory with its content and makes it again with other content, as package managers do.</summary>
    private static void MakeAgain(OverlaySimulation world, string path, ushort mode)
    {
        world.Remove(path);
        world.MakeDirectory(path, mode, marksAll: true);
        world.MakeDirectory(path + "/a", mode, marksAll: true);
        world.WriteFile(path + "/b", path, isReplacing: true);
    }

    private static FileNode Special(byte which) => (which % 4) switch
    {
        0 => new SymbolicLinkNode(Metadata.DefaultFile, Trees.Bytes("a")),
        1 => Trees.Device(1, 3),
        2 => new SpecialNode(Metadata.DefaultFile, FileType.Socket),
        _ => new SpecialNode(Metadata.DefaultFile, FileType.Fifo),
    };

    private static IEnumerable<string> AllPaths()
    {
        string[] names = ["a", "b", "c"];
        foreach (var first in names)
        {
            yield return first;
            foreach (var second in names[..2])
            {
                yield return $"{first}/{second}";
                foreach (var third in names[..2]) yield return $"{first}/{second}/{third}";
            }
        }
    }
}
