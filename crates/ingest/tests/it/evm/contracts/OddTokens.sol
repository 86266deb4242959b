// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.0;

/// A token of the first years: its transfers return nothing, and its name is a word of 32 bytes.
contract Quiet {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;
    bytes32 public constant symbol = "QUIET";

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
    }
}

/// Keeps a part of each transfer for its maker, and its logs say that all of it arrived.
contract Taxed {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) public balanceOf;
    address private immutable maker = msg.sender;

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 tax = value / 20;
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value - tax;
        balanceOf[maker] += tax;
        emit Transfer(msg.sender, to, value);
        return true;
    }
}

/// Counts shares; what a share is worth changes without a log, as with staked ether.
contract Rebasing {
    event Transfer(address indexed from, address indexed to, uint256 value);

    mapping(address => uint256) private shares;
    uint256 private worthPercent = 100;

    constructor(uint256 supply) {
        shares[msg.sender] = supply;
        emit Transfer(address(0), msg.sender, supply);
    }

    function balanceOf(address owner) public view returns (uint256) {
        return shares[owner] * worthPercent / 100;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        uint256 moved = value * 100 / worthPercent;
        shares[msg.sender] -= moved;
        shares[to] += moved;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function rebase(uint256 percent) external {
        worthPercent = percent;
    }
}

/// Says that it moved everything there can be, twice, and knows no balances.
contract Boaster {
    event Transfer(address indexed from, address indexed to, uint256 value);

    function boast(address to) external {
        emit Transfer(address(0), to, type(uint256).max);
        emit Transfer(address(0), to, type(uint256).max);
    }
}
